using System.Text.Json;
using InferenceOperator.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Tests.Local;
using InferenceOperator.Workloads;
using InferenceRuntime.Contract;
using Microsoft.AspNetCore.Http;

namespace InferenceOperator.Tests.Control;

public sealed class SettingsPushTests : IAsyncLifetime
{
    private static readonly RuntimeSettings Wanted = new() { Batching = new BatchingSettings { MaxSize = 8 } };

    private readonly SimulatedClock _clock = new();
    private readonly ReplicaClient _client = new(TimeSpan.FromSeconds(30));
    private readonly List<string> _calls = [];
    private readonly List<string> _news = [];
    private readonly SettingsPush _push;
    private RuntimeSettings _has = new();
    private bool _refuses;
    private string? _refusal;
    private FakeReplica? _replica;

    public SettingsPushTests() => _push = new SettingsPush(_client, _clock);

    public async Task InitializeAsync() => _replica = await FakeReplica.StartAsync(AnswerAsync);

    public async Task DisposeAsync()
    {
        await _replica!.DisposeAsync();
        _client.Dispose();
    }

    [Fact]
    public async Task Settings_are_written_once()
    {
        await PushAsync();
        await PushAsync();

        Assert.Equal(["GET", "PUT"], _calls);
        Assert.Equal(Wanted, _has);
    }

    [Fact]
    public async Task A_replica_that_has_them_already_is_only_asked()
    {
        _has = Wanted;

        await PushAsync();

        Assert.Equal(["GET"], _calls);
    }

    [Fact]
    public async Task Another_process_behind_the_name_is_asked_again()
    {
        await PushAsync("digits-1#1");
        _has = new RuntimeSettings();

        await PushAsync("digits-1#2");

        Assert.Equal(["GET", "PUT", "GET", "PUT"], _calls);
    }

    [Fact]
    public async Task A_replica_that_shows_another_limit_than_it_was_given_gets_it_again()
    {
        await PushAsync();
        _has = new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 3 } };
        _clock.Advance(TimeSpan.FromSeconds(1));

        await PushAsync(shown: 3);

        Assert.Equal(Wanted, _has);
    }

    [Fact]
    public async Task A_refusal_is_said_once_and_tried_again_with_backoff()
    {
        _refuses = true;
        await PushAsync();
        await PushAsync();
        Assert.Single(_calls);
        _clock.Advance(RetryGate.First);
        await PushAsync();
        Assert.Equal(2, _calls.Count);
        Assert.Contains("401", Assert.Single(_news), StringComparison.Ordinal);

        _refuses = false;
        _clock.Advance(RetryGate.Longest);
        await PushAsync();

        Assert.Equal(Wanted, _has);
    }

    [Fact]
    public async Task Settings_that_a_replica_will_never_take_are_told_until_others_are_taken_which_are_tried_at_once()
    {
        _refusal = "padding.q: the model has no such input";
        await PushAsync();
        await PushAsync();
        Assert.Equal(["GET", "PUT"], _calls);
        Assert.Contains(_refusal, _push.Refusal, StringComparison.Ordinal);
        Assert.Contains("digits-1", _push.Refusal, StringComparison.Ordinal);

        _refusal = null;
        var mended = Wanted with { Queue = new QueueSettings { MaxRequests = 5 } };
        await PushAsync(wanted: mended);

        Assert.Equal(mended, _has);
        Assert.Null(_push.Refusal);
    }

    [Fact]
    public async Task A_replica_that_cannot_be_asked_has_refused_nothing()
    {
        _refuses = true;

        await PushAsync();

        Assert.Null(_push.Refusal);
    }

    private Task PushAsync(string incarnation = "digits-1#1", int shown = 0, RuntimeSettings? wanted = null)
    {
        var root = new Uri($"http://{_replica!.EndPoint}");
        var access = new ReplicaAccess("digits-1", incarnation, ReplicaPhase.Ready, root, root, new AdminToken("secret"));
        var sample = new ReplicaSample(
            "digits-1", _clock.GetUtcNow(), MetricSource.Scrape, new RuntimeCounters { ProcessStartedAt = DateTimeOffset.UnixEpoch, BatchSizeMax = shown });
        return _push.PushAsync([access], _ => wanted ?? Wanted, shown > 0 ? [sample] : [], (replica, reason) => _news.Add($"{replica}: {reason}"), CancellationToken.None);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        _calls.Add(context.Request.Method);
        if (_refuses || context.Request.Headers.Authorization != "Bearer secret" || context.Request.Path != "/v1/settings")
        {
            context.Response.StatusCode = 401;
            return;
        }

        if (HttpMethods.IsPut(context.Request.Method))
        {
            if (_refusal is not null)
            {
                context.Response.StatusCode = 400;
                await context.Response.WriteAsync($$"""{"error":"{{_refusal}}"}""");
                return;
            }

            _has = (await JsonSerializer.DeserializeAsync(context.Request.Body, ContractJson.Default.RuntimeSettings))!;
        }

        await context.Response.WriteAsync(JsonSerializer.Serialize(_has, ContractJson.Default.RuntimeSettings));
    }
}
