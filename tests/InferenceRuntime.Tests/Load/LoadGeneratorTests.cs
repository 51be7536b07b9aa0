using System.Net;
using System.Text;
using InferenceRuntime.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace InferenceRuntime.Tests.Load;

public sealed class LoadGeneratorTests : IAsyncLifetime
{
    private readonly WebApplication _server;
    private Func<int, HttpContext, Task> _answer = static (_, context) => context.Response.WriteAsync("{}");
    private int _requests;

    public LoadGeneratorTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context =>
        {
            context.Response.ContentLength = 2;
            return _answer(Interlocked.Increment(ref _requests), context);
        });
    }

    public Task InitializeAsync() => _server.StartAsync();

    public Task DisposeAsync() => _server.DisposeAsync().AsTask();

    [Fact]
    public async Task An_open_loop_sends_each_due_request_once_and_counts_it_in_its_phase()
    {
        LoadPhase[] phases = [new(500, TimeSpan.FromSeconds(0.4)), new(1000, TimeSpan.FromSeconds(0.4))];

        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 8)));

        Assert.Equal([200, 400], report.Phases.Select(static phase => phase.Due));
        Assert.Equal(600, report.Total.Answered);
        Assert.Equal(600, _requests);
        Assert.Equal(0, report.Total.Lost);
    }

    [Fact]
    public async Task A_climbing_phase_sends_as_many_as_its_mean_rate_asks_for()
    {
        LoadPhase[] phases = [new(500, TimeSpan.FromSeconds(0.4), EndRate: 1500)];

        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 8)));

        Assert.InRange(report.Total.Due, 396, 404);
        Assert.Equal(report.Total.Due, report.Total.Answered);
    }

    [Fact]
    public async Task A_held_rate_stays_until_its_phase_ends_and_the_next_phase_has_its_own()
    {
        LoadPhase[] phases = [new(200, TimeSpan.FromSeconds(0.4), EndRate: 100_000), new(500, TimeSpan.FromSeconds(0.4))];
        var generator = new LoadGenerator(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 8)), TimeProvider.System);
        _answer = (_, context) =>
        {
            generator.Hold();
            return context.Response.WriteAsync("{}");
        };

        var report = await generator.RunAsync(progress: null, CancellationToken.None);

        // Held by the first reply: without that the first phase would have had about 20,000 requests.
        Assert.InRange(report.Phases[0].Due, 50, 19_000);
        Assert.Equal(200, report.Phases[1].Due);
    }

    [Fact]
    public async Task The_wait_for_a_busy_connection_counts_as_latency()
    {
        // One connection, each reply 20 ms late, ten requests due at once: the last one is due 180 ms before it is sent.
        _answer = static async (_, context) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, context.RequestAborted);
            await context.Response.WriteAsync("{}");
        };
        LoadPhase[] phases = [new(1_000_000, TimeSpan.FromMicroseconds(10))];

        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 1)));

        Assert.Equal(10, report.Total.Answered);
        Assert.True(report.Total.MaxMs >= 200, $"{report.Total.MaxMs} ms");
    }

    [Fact]
    public async Task Refusals_are_counted_by_status()
    {
        _answer = static (number, context) =>
        {
            context.Response.StatusCode = number % 2 == 0 ? 429 : 200;
            return context.Response.WriteAsync("{}");
        };
        LoadPhase[] phases = [new(1000, TimeSpan.FromSeconds(0.1))];

        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 1)));

        Assert.Equal(50, report.Total.Refused["429"]);
        Assert.Equal(50, report.Total.Answered);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_reply_loses_that_request_alone()
    {
        _answer = static (number, context) =>
        {
            if (number == 3)
            {
                context.Abort();
                return Task.CompletedTask;
            }

            return context.Response.WriteAsync("{}");
        };
        LoadPhase[] phases = [new(1000, TimeSpan.FromSeconds(0.02))];

        // The broken exchange is tried once more on a fresh connection, since no byte of a reply had come.
        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 1)));

        Assert.Equal(20, report.Total.Answered);
        Assert.Equal(21, _requests);
    }

    [Fact]
    public async Task A_closed_loop_has_as_many_requests_on_the_wire_as_clients()
    {
        var now = 0;
        var most = 0;
        _answer = async (_, context) =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
            await context.Response.WriteAsync("{}");
        };

        var report = await RunAsync(Options(new LoadShape.Closed(4, TimeSpan.FromSeconds(0.3))));

        Assert.InRange(most, 1, 4);
        Assert.Equal(report.Total.Due, report.Total.Answered);
        Assert.True(report.Total.Answered > 4);
    }

    [Fact]
    public async Task Distinct_requests_repeat_only_after_as_many_as_asked_for()
    {
        var bodies = new System.Collections.Concurrent.ConcurrentBag<float>();
        _answer = async (_, context) =>
        {
            var body = new byte[8];
            await context.Request.Body.ReadExactlyAsync(body, context.RequestAborted);
            bodies.Add(BitConverter.ToSingle(body));
            Assert.Equal(0x01020304, BitConverter.ToInt32(body, 4));
            await context.Response.WriteAsync("{}");
        };
        LoadPhase[] phases = [new(1000, TimeSpan.FromSeconds(0.06))];
        var options = Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 8));
        byte[] request = [.. Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: any\r\nContent-Length: 8\r\n\r\n"), 0, 0, 0, 0, 4, 3, 2, 1];

        var report = await RunAsync(options with { Requests = [request], Distinct = new DistinctElement(Count: 20, TensorBytes: 8) });

        Assert.Equal(60, report.Total.Answered);
        Assert.Equal(20, bodies.Distinct().Count());
        Assert.All(bodies.GroupBy(static body => body), static same => Assert.Equal(3, same.Count()));
    }

    [Fact]
    public async Task A_report_tells_when_the_load_fell_behind()
    {
        _answer = static async (_, context) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, context.RequestAborted);
            await context.Response.WriteAsync("{}");
        };
        LoadPhase[] phases = [new(1000, TimeSpan.FromSeconds(0.01))];

        var report = await RunAsync(Options(new LoadShape.Open(phases, ArrivalKind.Uniform, ConnectionsMax: 1)));

        Assert.Equal(0.01, report.Seconds, precision: 6);
        Assert.True(report.LastReplySeconds >= 0.2, $"{report.LastReplySeconds} s");
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while (value > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }

    private static Task<LoadReport> RunAsync(LoadOptions options) =>
        new LoadGenerator(options, TimeProvider.System).RunAsync(progress: null, CancellationToken.None);

    private LoadOptions Options(LoadShape shape)
    {
        var server = new Uri(_server.Urls.First());
        return new LoadOptions
        {
            Server = server,
            Model = "any",
            Protocol = LoadProtocol.Json,
            Rows = 1,
            Shape = shape,
            Requests = [Encoding.ASCII.GetBytes($"POST /v2/models/any/infer HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Length: 2\r\n\r\n{{}}")],
            WarmUp = TimeSpan.Zero,
            Timeout = TimeSpan.FromSeconds(10),
            Seed = 1,
        };
    }
}
