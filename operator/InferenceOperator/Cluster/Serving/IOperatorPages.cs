namespace InferenceOperator.Cluster.Serving;

/// <summary>What the operator's endpoint shows. Called on any thread.</summary>
internal interface IOperatorPages
{
    /// <summary>Why the process should be started again; null: it is well.</summary>
    string? Illness { get; }

    /// <summary>Why the operator does not work yet; null: it does.</summary>
    string? NotReadyBecause { get; }

    /// <summary>Prometheus text.</summary>
    byte[] Metrics();

    /// <summary>JSON lines, oldest first; null: the agent is not known.</summary>
    /// <param name="agent"><c>namespace/name</c>.</param>
    byte[]? Decisions(string agent);
}
