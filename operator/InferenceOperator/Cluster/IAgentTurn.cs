namespace InferenceOperator.Cluster;

/// <summary>Work on one agent within the term of its shard; disposed when done.</summary>
internal interface IAgentTurn : IDisposable
{
    /// <summary>Cancelled when the term has to end: the work is to stop at once.</summary>
    CancellationToken End { get; }
}
