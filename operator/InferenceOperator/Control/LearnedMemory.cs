using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Resource;
using InferenceOperator.Workloads;

namespace InferenceOperator.Control;

/// <summary>Carries what one controller learned over a restart: reads it once, and writes it seldom, at the end, and only when it says something new.</summary>
/// <remarks>One owner; not thread safe. What cannot be read or written costs a line in the log and nothing else.</remarks>
/// <param name="store">Where it is kept.</param>
/// <param name="logger">Hears of what went wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class LearnedMemory(ILearnedStore store, ILogger logger, TimeProvider time)
{
    /// <summary>Longest that the end of a loop waits for the last write.</summary>
    private static readonly TimeSpan LastWriteMax = TimeSpan.FromSeconds(2);

    private LearnedState? _kept;
    private (long Since, TimeSpan Wait)? _next;

    /// <summary>Lets a new controller go on from what was kept; only the first call does anything.</summary>
    public async ValueTask RestoreAsync(AgentController controller, InferenceAgent agent, CancellationToken cancellationToken)
    {
        if (_next is not null)
        {
            return;
        }

        // All loops begin at once when the operator does; their writes should not come at once too.
        _next = (time.GetTimestamp(), LearnedChange.Pace + (LearnedChange.Pace * Spread.Of(agent.Key())));
        try
        {
            if (await store.ReadAsync(agent, cancellationToken).ConfigureAwait(false) is { } bytes)
            {
                _kept = LearnedState.Read(bytes.Span, agent);
                controller.Restore(_kept);
            }
        }
        catch (Exception e) when (e is WorkloadException or FormatException)
        {
            logger.LearnedNotRead(agent.Key(), e.Message);
        }
    }

    /// <summary>Keeps what was learned, if it is time and worth it.</summary>
    public async ValueTask KeepAsync(AgentController controller, InferenceAgent agent, CancellationToken cancellationToken)
    {
        if (_next is not { } next || time.GetElapsedTime(next.Since) < next.Wait)
        {
            return;
        }

        _next = (time.GetTimestamp(), LearnedChange.Pace);
        await KeepAsync(controller, agent, time.GetUtcNow(), isLast: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps what was learned when the loop ends, if it is worth it. Takes two seconds at most.</summary>
    public async ValueTask KeepLastAsync(AgentController controller, InferenceAgent agent)
    {
        if (_next is null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(LastWriteMax, time);
        try
        {
            await KeepAsync(controller, agent, time.GetUtcNow(), isLast: true, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            logger.LearnedNotKept(agent.Key(), $"it took more than {LastWriteMax.TotalSeconds} s");
        }
    }

    private async ValueTask KeepAsync(AgentController controller, InferenceAgent agent, DateTimeOffset now, bool isLast, CancellationToken cancellationToken)
    {
        var learned = controller.Learned(agent, now);
        if (!LearnedChange.IsWorthKeeping(_kept, learned, isLast))
        {
            return;
        }

        try
        {
            await store.WriteAsync(agent, learned.Write(), cancellationToken).ConfigureAwait(false);
            _kept = learned;
        }
        catch (WorkloadException e)
        {
            logger.LearnedNotKept(agent.Key(), e.Message);
        }
    }
}
