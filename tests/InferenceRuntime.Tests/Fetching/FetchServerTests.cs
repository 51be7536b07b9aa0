using System.Net;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Fetching by https from servers that refuse, fall silent, redirect or are not trusted, and what they are told.</summary>
public sealed class FetchServerTests
{
    private const string Tag = "\"one\"";

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
}
