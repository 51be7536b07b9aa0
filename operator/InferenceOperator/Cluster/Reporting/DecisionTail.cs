using System.Collections.Concurrent;
using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>The latest whole decision records of each agent, in memory. Thread safe.</summary>
internal sealed class DecisionTail : IAgentReports
{
    /// <summary>Records kept for one agent; the oldest go first.</summary>
    public const int RecordsMax = 120;

    /// <summary>Records kept for all agents together, as far as each can keep <see cref="RecordsMin"/>.</summary>
    public const int AllRecordsMax = 12_000;

    /// <summary>Records that every agent keeps, however many agents there are.</summary>
    public const int RecordsMin = 2;

    private readonly ConcurrentDictionary<string, ImmutableQueue<DecisionRecord>> _records = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    public void Take(AgentReport report)
    {
        // One loop reports for one agent, so that the entry has one writer.
        var agent = report.Step.Decision.Agent;
        var records = _records.GetValueOrDefault(agent, ImmutableQueue<DecisionRecord>.Empty).Enqueue(report.Step.Decision);
        var count = _counts.GetValueOrDefault(agent) + 1;
        for (var most = Math.Clamp(AllRecordsMax / Math.Max(1, _counts.Count), RecordsMin, RecordsMax); count > most; count--)
        {
            records = records.Dequeue();
        }

        _counts[agent] = count;
        _records[agent] = records;
    }

    /// <summary>The agent's records as JSON lines, oldest first; null when the agent is not known.</summary>
    public byte[]? LinesOf(string agent)
    {
        if (!_records.TryGetValue(agent, out var records))
        {
            return null;
        }

        using var lines = new MemoryStream();
        foreach (var record in records)
        {
            lines.Write(DecisionRules.Line(record));
            lines.WriteByte((byte)'\n');
        }

        return lines.ToArray();
    }

    /// <summary>Forgets an agent that is gone.</summary>
    public void Forget(string agent)
    {
        _records.TryRemove(agent, out _);
        _counts.TryRemove(agent, out _);
    }
}
