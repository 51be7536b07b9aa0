using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using InferenceRuntime.Admin;
using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Observability;
using InferenceRuntime.Settings;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Caching;

public sealed class PrefetchTests : IAsyncLifetime
{
    private static readonly string Sha256 = new('a', 64);

    private readonly string _tokenFile = Path.GetTempFileName();
    private readonly GatedEngine _peerModel = NewModel();
    private readonly CachingEngine _peer;
    private readonly List<HttpEndpoint> _endpoints = [];

    public PrefetchTests() => _peer = NewEngine(_peerModel, TimeProvider.System);

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_tokenFile, "s3cret\n");
        for (byte i = 0; i < 100; i++)
        {
            await AskAsync(_peer, i);
        }

        await AskAsync(_peer, 42);
        await AskAsync(_peer, 42);
    }

    public async Task DisposeAsync()
    {
        foreach (var endpoint in _endpoints)
        {
            await endpoint.StopAsync(CancellationToken.None);
            endpoint.Dispose();
        }

        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task A_replica_that_starts_answers_at_once_what_its_peer_was_asked()
    {
        var model = NewModel();
        var engine = NewEngine(model, TimeProvider.System, secret: 9);

        Assert.Equal(100, await FetchAsync(engine, [await StartAsync(Sha256)]));

        for (byte i = 0; i < 100; i++)
        {
            await AskAsync(engine, i);
        }

        Assert.Equal(0, model.Computed);
        Assert.Equal(100, engine.Cache.Hits);
    }

    [Fact]
    public async Task Within_the_byte_limit_the_hottest_come()
    {
        var model = NewModel();
        var engine = NewEngine(model, TimeProvider.System);

        Assert.Equal(1, await FetchAsync(engine, [await StartAsync(Sha256)], bytesMax: 600));

        await AskAsync(engine, 42);
        Assert.Equal(0, model.Computed);
    }

    [Fact]
    public async Task Peers_that_are_gone_serve_another_model_or_refuse_the_token_are_passed_over()
    {
        await File.WriteAllTextAsync(_tokenFile, "s3cret");
        var engine = NewEngine(NewModel(), TimeProvider.System);
        var gone = new Uri($"http://127.0.0.1:{FreePort()}");
        var otherToken = Path.GetTempFileName();
        await File.WriteAllTextAsync(otherToken, "other");

        var taken = await FetchAsync(engine, [gone, await StartAsync(new string('b', 64)), await StartAsync(Sha256, otherToken), await StartAsync(Sha256)]);

        Assert.Equal(100, taken);
        File.Delete(otherToken);
    }

    [Fact]
    public async Task A_peer_with_an_empty_cache_is_passed_over()
    {
        var empty = await StartAsync(Sha256, _tokenFile, NewEngine(NewModel(), TimeProvider.System));

        Assert.Equal(100, await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [empty, await StartAsync(Sha256)]));
    }

    [Fact]
    public async Task A_host_name_stands_for_all_its_addresses_and_one_without_an_address_is_passed_over()
    {
        var peer = await StartAsync(Sha256); // At 127.0.0.1 alone, while the name may also mean ::1.

        var taken = await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [new Uri("http://nobody.invalid:8003"), new Uri($"http://localhost:{peer.Port}")]);

        Assert.Equal(100, taken);
    }

    [Fact]
    public async Task Peers_are_read_from_a_file_too_and_lines_that_are_none_are_passed_over()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"nonsense\n\n{PrefetchPeersFile.Write([await StartAsync(Sha256)])}");

        Assert.Equal(100, await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [], peersFile: file));

        File.Delete(file);
        Assert.Equal(0, await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [], peersFile: file));
    }

    [Fact]
    public async Task No_more_peers_are_asked_than_is_allowed()
    {
        var gone = new Uri($"http://127.0.0.1:{FreePort()}");
        var last = await StartAsync(Sha256);

        Assert.Equal(0, await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [.. Enumerable.Repeat(gone, PeerAddresses.CountMax), last]));
        Assert.Equal(100, await FetchAsync(NewEngine(NewModel(), TimeProvider.System), [.. Enumerable.Repeat(gone, PeerAddresses.CountMax - 1), last]));
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_given_up_when_the_time_is_up()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var clock = new SimulatedClock();
        var engine = NewEngine(NewModel(), clock);

        var fetching = FetchAsync(engine, [new Uri($"http://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"), await StartAsync(Sha256)], clock: clock);
        using var connection = await silent.AcceptTcpClientAsync();
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, await fetching.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Without_a_token_the_cache_is_not_shown()
    {
        using var client = new HttpClient();
        var open = await StartAsync(Sha256, tokenFile: null);

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(new Uri(open, "/v1/cache"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(new Uri(await StartAsync(Sha256), "/v1/cache"))).StatusCode);
    }

    [Fact]
    public async Task Ages_go_with_the_responses()
    {
        var clock = new SimulatedClock();
        var peer = NewEngine(NewModel(), clock);
        await AskAsync(peer, 1);
        clock.Advance(TimeSpan.FromSeconds(50));
        var import = new CacheImport(new MemoryStream(await ExportAsync(peer, clock)), peer.Signature, 1 << 20);

        Assert.Null(await import.ReadAsync(Sha256, CancellationToken.None));

        Assert.Equal(TimeSpan.FromSeconds(50), Assert.Single(import.Responses).Age);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Hostile_bytes_are_refused_or_fit_the_model_and_take_no_more_memory_than_is_allowed(int seed)
    {
        var random = new Random(seed);
        var good = await ExportAsync(_peer, TimeProvider.System);
        var (accepted, refused) = (0, 0);
        for (var i = 0; i < 3000; i++)
        {
            var bytes = good[..(random.Next(3) == 0 ? random.Next(good.Length + 1) : good.Length)].ToArray();
            for (var j = 1 + random.Next(4); j > 0; j--)
            {
                // Mostly where lengths are: at the front.
                var at = random.Next(random.Next(2) == 0 ? bytes.Length : Math.Min(bytes.Length, 200));
                if (at < bytes.Length)
                {
                    bytes[at] = (byte)(random.Next(4) switch { 0 => 0xFF, 1 => 0x7F, 2 => 0, _ => random.Next(256) });
                }
            }

            var import = new CacheImport(new MemoryStream(bytes), _peer.Signature, bytesMax: 50_000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var fault = await import.ReadAsync(Sha256, CancellationToken.None);

            // Everything completes on this thread: the stream is memory.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            (accepted, refused) = fault is null ? (accepted + 1, refused) : (accepted, refused + 1);
            foreach (var response in import.Responses)
            {
                Assert.Equal(response.Request.Inputs[0].Shape.Span[0], response.Outputs[0].Shape.Span[0]);
                Assert.Equal(response.Outputs[0].Bytes.Length, response.Outputs[0].Shape.Span[0] * response.Outputs[0].Shape.Span[1]);
            }
        }

        Assert.InRange(accepted, 1, 2999);
        Assert.InRange(refused, 1, 2999);
    }

    [Fact]
    public async Task A_length_alone_takes_no_memory()
    {
        var bytes = new byte[44];
        CacheStream.Form.CopyTo(bytes);
        Convert.FromHexString(Sha256).CopyTo(bytes, 8);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), 1 << 30);
        var import = new CacheImport(new MemoryStream(bytes), _peer.Signature, long.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal("the stream ends early", await import.ReadAsync(Sha256, CancellationToken.None));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 << 10);
    }

    private static GatedEngine NewModel() => new(EchoEngine.Model(batched: true, ("x", Datatype.UInt8, [-1, -1])), TimeProvider.System);

    private static CachingEngine NewEngine(GatedEngine model, TimeProvider clock, byte secret = 0)
    {
        var key = new byte[KeyedHash.SecretBytes];
        key[0] = secret;
        var engine = new CachingEngine(model, key, clock);
        engine.Apply(new RuntimeSettings { Cache = new CacheSettings { Policy = CachePolicy.WTinyLFU } });
        return engine;
    }

    private static async Task AskAsync(CachingEngine engine, byte content)
    {
        var request = new InferenceRequest([new TensorContent(new long[] { 1, 2 }, new byte[] { content, 7 })], 1, 2, 1, 0, 0, long.MaxValue);
        var answered = Assert.IsType<InferenceOutcome.Answered>(await engine.InferAsync(request, CancellationToken.None));
        Assert.Equal([(byte)(content + 1), 8], answered.Outputs[0].Bytes.ToArray());
        answered.Release?.Invoke();
    }

    private static async Task<byte[]> ExportAsync(CachingEngine engine, TimeProvider clock)
    {
        using var stream = new MemoryStream();
        var writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await new CacheExport(engine, Sha256, clock).WriteAsync(writer, long.MaxValue, CancellationToken.None);
        await writer.CompleteAsync();
        return stream.ToArray();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<int> FetchAsync(CachingEngine engine, Uri[] peers, long bytesMax = 1 << 20, TimeProvider? clock = null, string? peersFile = null) =>
        new PeerPrefetch(
            new PrefetchOptions(peers, peersFile, _tokenFile, bytesMax, TimeSpan.FromSeconds(clock is null ? 30 : 2)), engine, Sha256, clock ?? TimeProvider.System,
            NullLogger<PeerPrefetch>.Instance).RunAsync(CancellationToken.None);

    private Task<Uri> StartAsync(string sha256) => StartAsync(sha256, _tokenFile);

    private Task<Uri> StartAsync(string sha256, string? tokenFile) => StartAsync(sha256, tokenFile, _peer);

    private async Task<Uri> StartAsync(string sha256, string? tokenFile, CachingEngine peer)
    {
        var application = new AdminApplication(
            new SettingsInForce(peer, new RequestMetrics(slo: null), NullLogger<SettingsInForce>.Instance),
            () => throw new InvalidOperationException("nobody asks for the state here"),
            tokenFile is null ? null : new AdminToken(tokenFile), new CacheExport(peer, sha256, TimeProvider.System), shadow: null, NullLogger<AdminApplication>.Instance);
        var endpoint = await HttpEndpoint.StartAsync(
            application, new EndpointOptions(IPAddress.Loopback, 0, 1024), NullLoggerFactory.Instance, CancellationToken.None);
        _endpoints.Add(endpoint);
        return endpoint.Url;
    }
}
