using InferenceRuntime.Fetching;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Fetching by https over connections that break off, from files that change meanwhile.</summary>
public sealed class CutFetchTests
{
    private const string Tag = "\"one\"";

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
        await fetch.FailAsync(server, server.Url("/m.onnx"), FetchTests.Sha256(model));
        var part = Directory.EnumerateFiles(fetch.StoreFolder, "*.part", SearchOption.AllDirectories).Single();
        var damaged = File.ReadAllBytes(part);
        damaged[7] ^= 1;
        File.WriteAllBytes(part, damaged);

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"), FetchTests.Sha256(model));

        Assert.Equal(model, fetch.Stored(entry));
    }

    [Fact]
    public async Task A_file_without_a_strong_tag_starts_from_its_first_byte_again()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, "W/\"weak\"") { Cuts = new([40]) });

        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.Equal($"sha256-{FetchTests.Sha256(model)}", entry);
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

    [Fact]
    public async Task A_file_of_unknown_length_is_whole_when_its_last_chunk_came()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(new ServedFile(model, Tag) { SaysLength = false, Cuts = new([40]) });

        Assert.Equal(model, fetch.Stored(await fetch.FetchAsync(server, server.Url("/m.onnx"))));
    }
}
