using System.Collections.Immutable;

namespace InferenceOperator.Cluster.Admission;

/// <summary>What the webhook answered so far. Safe for several threads.</summary>
internal sealed class AdmissionCounts
{
    private readonly long[] _answers = new long[Enum.GetValues<AdmissionResult>().Length];

    public void Add(AdmissionResult result) => Interlocked.Increment(ref _answers[(int)result]);

    public long Of(AdmissionResult result) => Interlocked.Read(ref _answers[(int)result]);

    /// <summary>All of them.</summary>
    public ImmutableArray<(AdmissionResult Result, long Count)> ToFigures() => [.. Enum.GetValues<AdmissionResult>().Select(result => (result, Of(result)))];
}
