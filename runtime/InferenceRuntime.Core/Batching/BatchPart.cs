namespace InferenceRuntime.Core.Batching;

/// <summary>Rows of one request in a batch: all of them, or a piece of a request that has more than a batch may hold.</summary>
/// <param name="Request">Whose rows.</param>
/// <param name="FirstRow">The first of them within the request.</param>
/// <param name="Rows">How many, at least 1.</param>
public readonly record struct BatchPart(WaitingRequest Request, int FirstRow, int Rows)
{
    /// <summary>True when these are all rows of the request.</summary>
    public bool IsWhole => Rows == Request.Rows;
}
