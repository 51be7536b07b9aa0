namespace InferenceOperator.Benchmarks.Serving;

/// <summary>A server under one load, which takes turns with others.</summary>
internal sealed record Contestant(string Name, PinnedServer Server, OfferedLoad Load)
{
    /// <summary>What each round found.</summary>
    public List<LoadResult> Runs { get; } = [];

    /// <summary>Medians over the rounds, each figure for itself.</summary>
    public LoadResult Median => LoadResult.Median(Runs);

    /// <summary>The median over the rounds of this contestant's figure over another's of the same round: drift of the machine cancels.</summary>
    public double Over(Contestant other, Func<LoadResult, double> figure) =>
        Runs.Zip(other.Runs, (mine, its) => figure(mine) / figure(its)).Median();
}
