using System.Collections.Immutable;
using System.Net;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;
using InferenceRuntime.Onnx.Tests;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>A store in a folder of its own, and a short way to fetch into it from a server of the test.</summary>
internal sealed class FetchUnderTest : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fetch").FullName;

    public FetchLimits Limits { get; init; } = new() { WaitFirst = TimeSpan.FromMilliseconds(1), WaitMax = TimeSpan.FromMilliseconds(5), Silence = TimeSpan.FromSeconds(20) };

    public AddressRules Rules { get; init; } = AddressRules.Read(["127.0.0.1"]);

    /// <summary>Addresses of names; those that are not here are 127.0.0.1.</summary>
    public Dictionary<string, IPAddress[]> Names { get; } = [];

    public Random Jitter { get; init; } = new(1);

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public long? StoreBytesMax { get; init; }

    public TimeSpan? EvictAfter { get; init; }

    public string StoreFolder => Path.Combine(_folder, "store");

    /// <summary>A model of a few hundred bytes.</summary>
    public static byte[] Model(int width = 3)
    {
        var model = TinyModel.Identity(DataType.Float, "n", width);
        model.DocString = string.Concat(Enumerable.Range(0, 100).Select(static i => $"{i} "));
        return model.Bytes();
    }

    /// <summary>A model of two floats at the start of a file beside it.</summary>
    public static byte[] ModelWithData(string location) => TinyModel.Of(
        [TinyModel.Value("x", DataType.Float, "n", 2)], [TinyModel.Value("y", DataType.Float, "n", 2)],
        [TinyModel.Node("Add", ["x", "w"], ["y"])]).WithExternalFloats("w", 2, location).Bytes();

    public SourceAccess Access(FileServer server, params (string Name, string Content)[] files)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "secret")).FullName;
        foreach (var (name, content) in ((string, string)[])[("ca.crt", server.Authorities), .. files])
        {
            File.WriteAllText(Path.Combine(folder, name), content);
        }

        return SourceAccess.Read(folder);
    }

    /// <summary>Fetches, and gives the entry's name.</summary>
    public Task<string> FetchAsync(FileServer server, string source, string? sha256 = null, SourceAccess? access = null, string writer = "me", params (string Location, string Sha256)[] data)
    {
        Assert.True(FetchSource.TryParse(source, out var parsed, out var error), error);
        var pins = data.ToImmutableSortedDictionary(static pin => pin.Location, static pin => pin.Sha256, StringComparer.Ordinal);
        return Fetch(writer).RunAsync(new ModelWanted("full", parsed, access ?? Access(server), sha256, pins), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    /// <summary>Fetches in vain, and gives why.</summary>
    public async Task<FetchException> FailAsync(FileServer server, string source, string? sha256 = null, SourceAccess? access = null, params (string Location, string Sha256)[] data) =>
        await Assert.ThrowsAsync<FetchException>(() => FetchAsync(server, source, sha256, access, "me", data));

    public byte[] Stored(string entry, string file = ModelStore.ModelFile) => File.ReadAllBytes(Path.Combine(StoreFolder, "models", entry, file));

    /// <summary>Names of what can be served.</summary>
    public string[] Entries() => Directory.Exists(Path.Combine(StoreFolder, "models"))
        ? [.. Directory.EnumerateDirectories(Path.Combine(StoreFolder, "models")).Select(static entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)] : [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ModelFetch Fetch(string writer)
    {
        var store = ModelStore.Open(new StoreOptions { Folder = StoreFolder, Writer = writer, BytesMax = StoreBytesMax, EvictAfter = EvictAfter }, Clock, Logger);
        var connections = new GuardedConnections(Rules, (name, _) => Task.FromResult(Names.GetValueOrDefault(name, [IPAddress.Loopback])));
        return new ModelFetch(store, connections, Limits, Jitter, Clock, Logger);
    }
}
