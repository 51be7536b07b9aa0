using System.Net;
using System.Security.Cryptography;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Fetching by https from a server that breaks off, lies, redirects and changes its mind.</summary>
public sealed class FetchTests
{
    private const string Tag = "\"one\"";

    [Fact]
    public async Task A_model_is_stored_and_fetched_once()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag));

        var first = await fetch.FetchAsync(server, server.Url("/m.onnx"));
        var second = await fetch.FetchAsync(server, server.Url("/m.onnx"), writer: "other");

        Assert.Equal(FetchUnderTest.Model(), fetch.Stored(first));
        Assert.Equal(first, second);
        Assert.Equal([first], fetch.Entries());
        Assert.Equal(["GET /m.onnx", "GET /m.onnx"], server.Requests);
    }

    [Fact]
    public async Task A_new_version_at_the_source_is_another_entry_and_the_old_one_stays()
    {
        using var fetch = new FetchUnderTest();
        var file = new ServedFile(FetchUnderTest.Model(), Tag);
        await using var server = await FileServer.StartAsync(file);
        var first = await fetch.FetchAsync(server, server.Url("/m.onnx"));
        (file.Bytes, file.Tag) = (FetchUnderTest.Model(7), "\"two\"");

        var second = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchUnderTest.Model(), fetch.Stored(first));
        Assert.Equal(FetchUnderTest.Model(7), fetch.Stored(second));
        Assert.Equal(2, fetch.Entries().Length);
    }

    [Fact]
    public async Task What_is_pinned_and_there_is_not_asked_for()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), tag: null));
        var pin = Sha256(FetchUnderTest.Model());

        var first = await fetch.FetchAsync(server, server.Url("/m.onnx"), pin);
        var second = await fetch.FetchAsync(server, "https://gone.example/m.onnx", pin);

        Assert.Equal($"sha256-{pin}", first);
        Assert.Equal(first, second);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Another_file_than_the_pinned_one_is_never_stored_and_both_digests_are_named()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(7), Tag));
        var pin = Sha256(FetchUnderTest.Model());

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"), pin);

        Assert.Equal(FetchFault.DigestMismatch, fault.Fault);
        Assert.False(fault.MayPass);
        Assert.Contains($"expected {pin}, actual {Sha256(FetchUnderTest.Model(7))}", fault.Message, StringComparison.Ordinal);
        Assert.Empty(fetch.Entries());
    }

    [Fact]
    public async Task A_file_goes_on_where_it_was_cut_off()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, Tag) { Cuts = new([40, 0, 10]) });

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal(model, fetch.Stored(entry));
        Assert.Equal(["GET /m.onnx", $"GET /m.onnx bytes=40- {Tag}", $"GET /m.onnx bytes=40- {Tag}", $"GET /m.onnx bytes=50- {Tag}"], server.Requests);
    }

    [Fact]
    public async Task Another_run_goes_on_where_the_last_one_gave_up()
    {
        using var fetch = new FetchUnderTest { Limits = new FetchLimits { FruitlessTriesMax = 1 } };
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, Tag) { Cuts = new([40]) });

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));
        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchFault.Unreachable, fault.Fault);
        Assert.True(fault.MayPass);
        Assert.Equal(model, fetch.Stored(entry));
        Assert.Equal(["GET /m.onnx", "GET /m.onnx", $"GET /m.onnx bytes=40- {Tag}"], server.Requests);
    }

    [Fact]
    public async Task What_an_earlier_run_left_damaged_is_thrown_away_when_the_pin_says_so()
    {
        using var fetch = new FetchUnderTest { Limits = new FetchLimits { FruitlessTriesMax = 1 } };
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, Tag) { Cuts = new([40]) });
        await fetch.FailAsync(server, server.Url("/m.onnx"), Sha256(model));
        var part = Directory.EnumerateFiles(fetch.StoreFolder, "*.part", SearchOption.AllDirectories).Single();
        var damaged = File.ReadAllBytes(part);
        damaged[7] ^= 1;
        File.WriteAllBytes(part, damaged);

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"), Sha256(model));

        Assert.Equal(model, fetch.Stored(entry));
    }

    [Fact]
    public async Task A_file_without_a_strong_tag_starts_from_its_first_byte_again()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, "W/\"weak\"") { Cuts = new([40]) });

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal($"sha256-{Sha256(model)}", entry);
        Assert.Equal(["GET /m.onnx", "GET /m.onnx"], server.Requests);
        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/m.onnx")));
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_the_new_one()
    {
        using var fetch = new FetchUnderTest();
        var asked = 0;
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag)
        {
            Cuts = new([40]),
            Before = file => (file.Bytes, file.Tag) = asked++ == 0 ? (file.Bytes, file.Tag) : (FetchUnderTest.Model(7), "\"two\""),
        });

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchUnderTest.Model(7), fetch.Stored(entry));
    }

    [Fact]
    public async Task A_file_that_never_stays_the_same_is_given_up()
    {
        using var fetch = new FetchUnderTest();
        var asked = 0;
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag)
        {
            Cuts = new(Enumerable.Repeat(40, 100)),
            Before = file => file.Tag = $"\"{asked++}\"",
        });

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));

        Assert.Contains("changed", fault.Message, StringComparison.Ordinal);
        Assert.Empty(fetch.Entries());
    }

    [Theory]
    [InlineData("bytes 41-99/100")]
    [InlineData("bytes 0-99/100")]
    [InlineData("bytes 40-98/100")]
    [InlineData("bytes 40-99/*")]
    [InlineData("lines 40-99/100")]
    public async Task A_part_that_was_not_asked_for_is_refused(string range)
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(async context =>
        {
            context.Response.Headers.ETag = Tag;
            if (context.Request.Headers.Range.Count == 0)
            {
                context.Response.ContentLength = 100;
                await context.Response.Body.WriteAsync(model.AsMemory(0, 40));
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = range;
            await context.Response.Body.WriteAsync(model.AsMemory(40, 60));
        });

        Assert.Equal(FetchFault.BadReply, (await fetch.FailAsync(server, server.Url("/m.onnx"))).Fault);
        Assert.Empty(fetch.Entries());
    }

    [Theory]
    [InlineData(404, nameof(FetchFault.NotFound))]
    [InlineData(410, nameof(FetchFault.NotFound))]
    [InlineData(401, nameof(FetchFault.Denied))]
    [InlineData(403, nameof(FetchFault.Denied))]
    [InlineData(400, nameof(FetchFault.BadReply))]
    [InlineData(501, nameof(FetchFault.BadReply))]
    public async Task What_cannot_get_better_is_asked_for_once(int status, string expected)
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx?signature=secret"));

        Assert.Equal(expected, fault.Fault.ToString());
        Assert.Contains($"{status}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(408)]
    public async Task A_server_that_asks_for_patience_gets_it(int status)
    {
        using var fetch = new FetchUnderTest();
        var file = new ServedFile(FetchUnderTest.Model(), Tag);
        var asked = 0;
        await using var server = await FileServer.StartAsync(context =>
        {
            if (asked++ < 3)
            {
                context.Response.StatusCode = status;
                context.Response.Headers.RetryAfter = "3600";
                return Task.CompletedTask;
            }

            return file.AnswerAsync(context);
        });

        Assert.Equal(FetchUnderTest.Model(), fetch.Stored(await fetch.FetchAsync(server, server.Url("/m.onnx"))));
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        using var fetch = new FetchUnderTest
        {
            Limits = new FetchLimits { Silence = TimeSpan.FromMilliseconds(200), WaitFirst = TimeSpan.FromMilliseconds(1), FruitlessTriesMax = 2 },
        };
        await using var server = await FileServer.StartAsync(async context =>
        {
            context.Response.Headers.ETag = Tag;
            context.Response.ContentLength = 100;
            await context.Response.Body.WriteAsync(new byte[10]);
            await context.Response.Body.FlushAsync();
            var gone = new TaskCompletionSource();
            using var registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchFault.Unreachable, fault.Fault);
        Assert.Contains("silent for 0.2 s", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_is_followed_without_the_credentials_unless_it_stays_with_the_server()
    {
        using var fetch = new FetchUnderTest();
        var file = new ServedFile(FetchUnderTest.Model(), Tag);
        List<string> seen = [];
        await using var storage = await FileServer.StartAsync(context =>
        {
            seen.Add($"storage {context.Request.Path} '{context.Request.Headers.Authorization}'");
            return file.AnswerAsync(context);
        });
        await using var server = await FileServer.StartAsync(context =>
        {
            seen.Add($"server {context.Request.Path} '{context.Request.Headers.Authorization}'");
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = context.Request.Path == "/m.onnx" ? "/here" : storage.Url("/there");
            return Task.CompletedTask;
        });
        var access = fetch.Access(server, ("ca.crt", server.Authorities + "\n" + storage.Authorities), ("token", "very-secret"));

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"), access: access);

        Assert.Equal(FetchUnderTest.Model(), fetch.Stored(entry));
        Assert.Equal(["server /m.onnx 'Bearer very-secret'", "server /here 'Bearer very-secret'", "storage /there ''"], seen);
    }

    [Theory]
    [InlineData("http://localhost/m.onnx", nameof(FetchFault.SourceRefused))]
    [InlineData("https://169.254.169.254/latest/meta-data", nameof(FetchFault.SourceRefused))]
    [InlineData("https://[::ffff:169.254.169.254]/latest", nameof(FetchFault.SourceRefused))]
    [InlineData("https://internal.example/m.onnx", nameof(FetchFault.SourceRefused))]
    [InlineData("file:///etc/passwd", nameof(FetchFault.SourceRefused))]
    [InlineData("https://user:secret@localhost/m.onnx", nameof(FetchFault.SourceRefused))]
    [InlineData("/m.onnx", nameof(FetchFault.BadReply))]
    public async Task A_redirect_to_where_models_do_not_come_from_is_refused(string location, string expected)
    {
        using var fetch = new FetchUnderTest { Names = { ["internal.example"] = [IPAddress.Parse("10.96.0.1")] } };
        await using var server = await FileServer.StartAsync(context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));

        Assert.Equal(expected, fault.Fault.ToString());
        Assert.DoesNotContain("secret", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_judged_by_the_address_that_is_connected_to()
    {
        // The name has a public address as well, to which nothing listens: what counts is that the private one is never tried.
        using var fetch = new FetchUnderTest { Rules = AddressRules.PublicOnly };
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag));

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchFault.SourceRefused, fault.Fault);
        Assert.Contains("127.0.0.1", fault.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_server_whose_certificate_is_not_trusted_is_left()
    {
        using var fetch = new FetchUnderTest { Limits = new FetchLimits { FruitlessTriesMax = 1 } };
        await using var server = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag));
        await using var other = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag));

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"), access: fetch.Access(other));

        Assert.Equal(FetchFault.Unreachable, fault.Fault);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_model_above_the_limit_is_refused_by_its_declared_length_or_when_it_gets_there()
    {
        using var fetch = new FetchUnderTest { Limits = new FetchLimits { ModelBytesMax = 50 } };
        await using var honest = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag));
        await using var silent = await FileServer.StartAsync(new ServedFile(FetchUnderTest.Model(), Tag) { SaysLength = false });

        Assert.Equal(FetchFault.TooLarge, (await fetch.FailAsync(honest, honest.Url("/m.onnx"))).Fault);
        Assert.Equal(FetchFault.TooLarge, (await fetch.FailAsync(silent, silent.Url("/m.onnx"))).Fault);
        Assert.All(Directory.EnumerateFiles(fetch.StoreFolder, "*.part", SearchOption.AllDirectories), static part => Assert.InRange(new FileInfo(part).Length, 0, 50));
    }

    [Fact]
    public async Task A_file_of_unknown_length_is_whole_when_its_last_chunk_came()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, Tag) { SaysLength = false, Cuts = new([40]) });

        Assert.Equal(model, fetch.Stored(await fetch.FetchAsync(server, server.Url("/m.onnx"))));
    }

    [Fact]
    public async Task A_page_in_place_of_a_model_is_no_model()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(new ServedFile("<!doctype html><title>Log in</title>"u8.ToArray(), Tag));

        var fault = await fetch.FailAsync(server, server.Url("/m.onnx"));

        Assert.Equal(FetchFault.NotAModel, fault.Fault);
        Assert.Empty(fetch.Entries());
    }

    [Fact]
    public async Task A_content_coding_that_was_not_asked_for_is_refused()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(FetchUnderTest.Model());
        });

        Assert.Equal(FetchFault.BadReply, (await fetch.FailAsync(server, server.Url("/m.onnx"))).Fault);
    }

    [Fact]
    public async Task Basic_credentials_are_sent()
    {
        using var fetch = new FetchUnderTest();
        var file = new ServedFile(FetchUnderTest.Model(), Tag);
        var authorization = "";
        await using var server = await FileServer.StartAsync(context =>
        {
            authorization = context.Request.Headers.Authorization.ToString();
            return file.AnswerAsync(context);
        });

        await fetch.FetchAsync(server, server.Url("/m.onnx"), access: fetch.Access(server, ("username", "Aladdin"), ("password", "open sesame")));

        Assert.Equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", authorization);
    }

    internal static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
