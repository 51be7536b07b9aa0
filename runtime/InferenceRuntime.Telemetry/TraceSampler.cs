namespace InferenceRuntime.Telemetry;

/// <summary>Decides at a trace's first span here whether it is recorded. Allocates nothing; thread safe.</summary>
/// <remarks>
/// A ratio goes by the trace's id where a caller gave one, so that every service with the same ratio records the same traces; where a trace
/// begins here, by a draw.
/// </remarks>
/// <param name="sampling">What is asked for.</param>
/// <param name="seed">Of the draws.</param>
public sealed class TraceSampler(TraceSampling sampling, ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    // 63 bits: a ratio of 1 has a bound too.
    private readonly ulong _bound = (ulong)(sampling.Ratio * (1UL << 63));
    private ulong _state = seed;

    /// <summary>Whether a trace with this caller is recorded.</summary>
    public bool Records(in TraceParent parent)
    {
        if (parent.Header is null)
        {
            return RecordsRoot();
        }

        return sampling.FollowsParent ? parent.IsSampled : IsWithin(parent.Randomness);
    }

    /// <summary>Whether a trace that begins here is recorded.</summary>
    public bool RecordsRoot() => sampling.Ratio switch
    {
        >= 1 => true,
        <= 0 => false,
        _ => IsWithin(Draw()),
    };

    private bool IsWithin(ulong random) => random >> 1 < _bound;

    // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014): one addition of shared state a draw.
    private ulong Draw()
    {
        var mixed = Interlocked.Add(ref _state, Step);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
