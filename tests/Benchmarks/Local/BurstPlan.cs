using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The load of a run with a burst variant, and what is declared for it.</summary>
/// <param name="Rate">Requests per second that one replica carries at most.</param>
/// <param name="SloSeconds">Latency declared.</param>
internal sealed record BurstPlan(double Rate, double SloSeconds) : IStepLoad
{
    /// <summary>Before the step and after it, of <see cref="Rate"/>: also a replica that others slow down carries this.</summary>
    public const double LowShare = 0.1;

    /// <summary>At the step: more than one replica carries, less than two, and far less than one with the burst variant.</summary>
    public const double HighShare = 1.3;

    /// <summary>Rows of a request, and the most of an execution.</summary>
    public int Rows => 16;

    /// <summary>Two cores.</summary>
    public int ReplicasMax => 2;

    /// <summary>The operator learns the model's time and finds the batch limit.</summary>
    public int WarmUpSeconds => 20;

    public int LowSeconds => 10;

    public int HighSeconds => 20;

    /// <summary>Longer than the calm time after which the burst variant goes.</summary>
    public int AfterSeconds => 60;

    /// <summary>As <c>inference-runtime bench</c> takes it.</summary>
    public string Phases => Invariant($"{Rate * LowShare:0.##}:{LowSeconds}s,{Rate * HighShare:0.##}:{HighSeconds}s,{Rate * LowShare:0.##}:{AfterSeconds}s");
}
