using System.Collections.Concurrent;
using InferenceOperator.Control;
using InferenceOperator.Core.Control;
using InferenceOperator.Files;

namespace InferenceOperator.Decisions;

/// <summary>The log of decisions: whole records as JSON lines in a size-bounded file.</summary>
/// <remarks>
/// A record is written when a decision differs from the agent's last one in rule, guards, proposal or outcome, and at least once a
/// minute, so that the numbers behind a long hold are there too. Thread safe.
/// </remarks>
internal sealed class DecisionLog : IAgentReports, IDisposable
{
    /// <summary>Bytes of one file; four older ones are kept.</summary>
    public const long FileBytesMax = 16 << 20;

    private const int OlderMax = 4;

    private static readonly TimeSpan AtLeastEvery = TimeSpan.FromMinutes(1);

    private readonly RollingFile _file;
    private readonly ConcurrentDictionary<string, DecisionRecord> _last = new(StringComparer.Ordinal);

    /// <param name="path">The newest file. Its folder must exist.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public DecisionLog(string path) => _file = new RollingFile(path, FileBytesMax, OlderMax);

    /// <summary>Records that could not be written.</summary>
    public long Dropped => _file.Dropped;

    public void Take(AgentReport report)
    {
        var decision = report.Step.Decision;
        if (_last.TryGetValue(decision.Agent, out var last) && IsSame(last, decision) && decision.At - last.At < AtLeastEvery)
        {
            return;
        }

        _last[decision.Agent] = decision;
        _file.Append(DecisionRules.Line(decision));
    }

    /// <summary>Forgets an agent that is gone, so that the memory of this log stays bounded by the agents there are.</summary>
    public void Forget(string agent) => _last.TryRemove(agent, out _);

    public void Dispose() => _file.Dispose();

    private static bool IsSame(DecisionRecord left, DecisionRecord right) =>
        left.Rule == right.Rule && left.Generation == right.Generation && left.Mode == right.Mode
        && left.Proposed == right.Proposed && left.Applied == right.Applied && left.Guards.SequenceEqual(right.Guards);
}
