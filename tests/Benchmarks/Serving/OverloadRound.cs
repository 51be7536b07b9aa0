namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A load at the capacity and a flood right after it.</summary>
internal sealed record OverloadRound(LoadResult Calm, LoadResult Flood)
{
    /// <summary>The flood as a multiple of the capacity, as far as the server took it in.</summary>
    public double Times => Flood.EndedPerSecond / Calm.RequestsPerSecond;

    /// <summary>Answers during the flood over the capacity.</summary>
    public double Share => Flood.RequestsPerSecond / Calm.RequestsPerSecond;

    /// <summary>Processor time of a refusal over that of an answer, 0 where nothing was refused.</summary>
    public double RefusalCost => Flood.RefusedPerSecond > 0
        ? Math.Max(0, Flood.CpuPerSecond - (Flood.RequestsPerSecond * Calm.CpuMicrosPerRequest / 1e6)) / Flood.RefusedPerSecond * 1e6 / Calm.CpuMicrosPerRequest
        : 0;
}
