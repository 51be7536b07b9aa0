namespace InferenceOperator.Benchmarks.Local;

/// <summary>What was measured in a run through a step, with or without a burst variant.</summary>
/// <param name="Due">Requests that fell due after the warm-up.</param>
/// <param name="Answered">Of those, answered.</param>
/// <param name="WithinSlo">Of those, within the target, from their due time at the client.</param>
/// <param name="Seconds">Second by second.</param>
internal sealed record BurstOutcome(long Due, long Answered, long WithinSlo, IReadOnlyList<BurstSecond> Seconds)
{
    /// <summary>Name of the model as declared.</summary>
    public const string Full = "full";

    /// <summary>Name of the burst variant.</summary>
    public const string Burst = "shallow";

    public double Attainment => (double)WithinSlo / Due;

    /// <summary>Seconds from the step until the burst variant answered; null: it never did in the step.</summary>
    public int? CameAfter => First(static second => second.Phase == 1, static second => second.Answers == Burst);

    /// <summary>Seconds from the end of the step until the model answered again; null: it never did.</summary>
    public int? WentAfter => First(static second => second.Phase == 2, static second => second.Answers == Full);

    /// <summary>Requests that the burst variant answered, at least.</summary>
    public double ByBurst => Seconds.Max(static second => second.ByBurst);

    /// <summary>Most replicas that answered at a time.</summary>
    public int MostReady => Seconds.Max(static second => second.Ready);

    private int? First(Func<BurstSecond, bool> of, Func<BurstSecond, bool> holds)
    {
        var index = Seconds.Where(of).Select(holds).TakeWhile(static held => !held).Count();
        return index < Seconds.Count(of) ? index : null;
    }
}
