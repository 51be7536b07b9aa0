using InferenceRuntime.Fetching;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Models whose weights lie in files beside them.</summary>
public sealed class ExternalDataTests
{
    private static readonly byte[] Weights = [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [InlineData("m.data", "/a/m.data", "m.data")]
    [InlineData("weights/part one.bin", "/a/weights/part one.bin", "weights/part one.bin")]
    [InlineData("./m.data", "/a/m.data", "m.data")]
    public async Task The_files_that_a_model_names_come_with_it(string location, string path, string stored)
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(Files(FetchUnderTest.ModelWithData(location), path));

        var entry = await fetch.FetchAsync(server, server.Url("/a/m.onnx"));

        Assert.Equal(Weights, fetch.Stored(entry, stored));
        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/a/m.onnx")));
        Assert.Equal(4, server.Requests.Count);
    }

    [Fact]
    public async Task New_external_data_are_fetched_although_the_models_file_is_the_same()
    {
        using var fetch = new FetchUnderTest();
        var files = Files(FetchUnderTest.ModelWithData("m.data"), "/a/m.data");
        await using var server = await FileServer.StartAsync(files);
        var first = await fetch.FetchAsync(server, server.Url("/a/m.onnx"));
        (files["/a/m.data"].Bytes, files["/a/m.data"].Tag) = ([8, 7, 6, 5, 4, 3, 2, 1], "\"newer\"");

        var second = await fetch.FetchAsync(server, server.Url("/a/m.onnx"));

        Assert.Equal(Weights, fetch.Stored(first, "m.data"));
        Assert.Equal([8, 7, 6, 5, 4, 3, 2, 1], fetch.Stored(second, "m.data"));
    }

    [Fact]
    public async Task A_pin_covers_them_too()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.ModelWithData("m.data");
        await using var server = await FileServer.StartAsync(Files(model, "/a/m.data"));
        var pin = FetchTests.Sha256(model);

        var unpinned = await fetch.FailAsync(server, server.Url("/a/m.onnx"), pin);
        var other = await fetch.FailAsync(server, server.Url("/a/m.onnx"), pin, null, ("m.data", FetchTests.Sha256(model)));
        var unknown = await fetch.FailAsync(server, server.Url("/a/m.onnx"), pin, null, ("m.data", FetchTests.Sha256(Weights)), ("n.data", pin));
        var entry = await fetch.FetchAsync(server, server.Url("/a/m.onnx"), pin, null, "me", ("m.data", FetchTests.Sha256(Weights)));
        var asked = server.Requests.Count;

        Assert.Equal(FetchFault.NotAModel, unpinned.Fault);
        Assert.Contains("'m.data' is not pinned", unpinned.Message, StringComparison.Ordinal);
        Assert.Equal(FetchFault.DigestMismatch, other.Fault);
        Assert.Equal(FetchFault.NotAModel, unknown.Fault);
        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/a/m.onnx"), pin, null, "me", ("m.data", FetchTests.Sha256(Weights))));
        Assert.Equal(asked, server.Requests.Count);
        Assert.Equal([entry], fetch.Entries());
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\b")]
    [InlineData("a//b")]
    [InlineData("model.onnx")]
    [InlineData("entry.json")]
    [InlineData(".")]
    public async Task A_location_that_is_no_file_beside_the_model_is_refused(string location)
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(Files(FetchUnderTest.ModelWithData(location), "/a/m.data"));

        Assert.Equal(FetchFault.NotAModel, (await fetch.FailAsync(server, server.Url("/a/m.onnx"))).Fault);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(Files(FetchUnderTest.ModelWithData("m.data"), "/a/other.data"));

        var fault = await fetch.FailAsync(server, server.Url("/a/m.onnx"));

        Assert.Equal(FetchFault.NotFound, fault.Fault);
        Assert.Contains("/a/m.data", fault.Message, StringComparison.Ordinal);
        Assert.Empty(fetch.Entries());
    }

    private static Dictionary<string, ServedFile> Files(byte[] model, string path) => new()
    {
        ["/a/m.onnx"] = new ServedFile(model, "\"model\""),
        [path] = new ServedFile(Weights, "\"weights\""),
    };
}
