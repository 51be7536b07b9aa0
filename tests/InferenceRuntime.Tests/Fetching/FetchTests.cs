using System.Security.Cryptography;
using InferenceRuntime.Fetching;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>What is stored of what a server sends, by https.</summary>
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

    internal static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
