using System.Text;
using InferenceOperator.Control;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Resource;
using InferenceOperator.Local;
using InferenceOperator.Workloads;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Tests.Control;

public sealed class LearnedMemoryTests : ILearnedStore, ILogger
{
    private static readonly InferenceAgent Agent = new()
    {
        Metadata = new AgentMetadata { Name = "digits", Namespace = "ads" },
        Spec = new AgentSpec { Model = new ModelSpec { Uri = "file:///m.onnx" } },
    };

    private readonly SimulatedClock _clock = new();
    private readonly List<string> _lines = [];
    private readonly List<ReadOnlyMemory<byte>> _written = [];
    private ReadOnlyMemory<byte>? _stored;
    private string? _fault;
    private int _reads;

    [Fact]
    public async Task It_is_read_once_and_written_when_it_is_time_and_there_is_something_new()
    {
        _stored = State([30]).Write();
        var (memory, controller) = (new LearnedMemory(this, this, _clock), new AgentController());
        for (var minute = 0; minute < 60; minute++)
        {
            await memory.RestoreAsync(controller, Agent, CancellationToken.None);
            await memory.KeepAsync(controller, Agent, CancellationToken.None);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        await memory.KeepLastAsync(controller, Agent);
        Assert.Equal((1, 0), (_reads, _written.Count));
        Assert.Equal(30, Assert.Single(controller.Learned(Agent, _clock.GetUtcNow()).StartUps));
        Assert.Empty(_lines);
    }

    [Fact]
    public async Task News_are_written_at_most_every_ten_minutes_and_at_the_end()
    {
        var memory = new LearnedMemory(this, this, _clock);
        await memory.RestoreAsync(new AgentController(), Agent, CancellationToken.None);
        for (var minute = 0; minute < 60; minute++)
        {
            await memory.KeepAsync(Knowing(30 + (10 * minute)), Agent, CancellationToken.None);
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(_written.Count, 4, 6);
        var before = _written.Count;
        await memory.KeepLastAsync(Knowing(5), Agent);
        Assert.Equal(before + 1, _written.Count);
        Assert.Equal(5, Assert.Single(LearnedState.Read(_written[^1].Span, Agent).StartUps));
    }

    [Theory]
    [InlineData("nonsense", null)]
    [InlineData("{}", null)]
    [InlineData("", "the API server is away")]
    public async Task What_cannot_be_read_is_told_and_does_no_harm(string stored, string? fault)
    {
        (_stored, _fault) = (Encoding.UTF8.GetBytes(stored), fault);
        var (memory, controller) = (new LearnedMemory(this, this, _clock), new AgentController());

        await memory.RestoreAsync(controller, Agent, CancellationToken.None);

        Assert.Contains("ads/digits: what was learned before is not used", Assert.Single(_lines), StringComparison.Ordinal);
        Assert.Empty(controller.Learned(Agent, _clock.GetUtcNow()).StartUps);
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_and_tried_again()
    {
        var memory = new LearnedMemory(this, this, _clock);
        await memory.RestoreAsync(new AgentController(), Agent, CancellationToken.None);
        _clock.Advance(TimeSpan.FromMinutes(20));
        _fault = "forbidden";
        await memory.KeepAsync(Knowing(30), Agent, CancellationToken.None);
        Assert.Contains("cannot be kept for a restart: forbidden", Assert.Single(_lines), StringComparison.Ordinal);

        _fault = null;
        _clock.Advance(TimeSpan.FromMinutes(10));
        await memory.KeepAsync(Knowing(30), Agent, CancellationToken.None);
        Assert.Single(_written);
    }

    [Fact]
    public async Task Files_are_kept_by_agent_and_replaced_whole()
    {
        var folder = Directory.CreateTempSubdirectory("learned-").FullName;
        try
        {
            var files = new LearnedFiles(Path.Combine(folder, "learned"));
            Assert.Null(await files.ReadAsync(Agent, CancellationToken.None));

            await files.WriteAsync(Agent, State([1]).Write(), CancellationToken.None);
            await files.WriteAsync(Agent, State([2]).Write(), CancellationToken.None);

            Assert.Equal("ads.digits.json", Path.GetFileName(Assert.Single(Directory.GetFiles(folder, "*", SearchOption.AllDirectories))));
            Assert.Equal(2, Assert.Single(LearnedState.Read((await files.ReadAsync(Agent, CancellationToken.None))!.Value.Span, Agent).StartUps));

            await File.WriteAllBytesAsync(Path.Combine(folder, "learned", "ads.digits.json"), new byte[LearnedState.BytesMax + 1]);
            await Assert.ThrowsAsync<WorkloadException>(async () => await files.ReadAsync(Agent, CancellationToken.None));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    ValueTask<ReadOnlyMemory<byte>?> ILearnedStore.ReadAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        _reads++;
        return _fault is { } fault ? throw new WorkloadException(fault) : ValueTask.FromResult(_stored);
    }

    ValueTask ILearnedStore.WriteAsync(InferenceAgent agent, ReadOnlyMemory<byte> state, CancellationToken cancellationToken)
    {
        if (_fault is { } fault)
        {
            throw new WorkloadException(fault);
        }

        _written.Add(state);
        return ValueTask.CompletedTask;
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Add(formatter(state, exception));

    private static AgentController Knowing(double startUp)
    {
        var controller = new AgentController();
        controller.Restore(State([startUp]));
        return controller;
    }

    private static LearnedState State(double[] startUps) => new AgentController().Learned(Agent, DateTimeOffset.UnixEpoch) with { StartUps = [.. startUps] };
}
