using InferenceOperator.Core.Simulation.Arrivals;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>The load of a run, and what is declared for it.</summary>
/// <param name="Rate">Requests per second before the step.</param>
/// <param name="SloSeconds">Latency declared.</param>
internal sealed record StepPlan(double Rate, double SloSeconds) : IStepLoad
{
    /// <summary>By how much the rate grows at the step.</summary>
    public const int Factor = 4;

    /// <summary>Rows of a request, and the most of an execution: enough that the model and not the protocol takes the cores' time.</summary>
    public int Rows => 16;

    /// <summary>Share of the requests that have to be within <see cref="SloSeconds"/>.</summary>
    public double SloShare => 0.99;

    /// <summary>Two cores.</summary>
    public int ReplicasMax => 2;

    /// <summary>Seconds before anything is counted: the operator learns the model's time and finds the batch limit.</summary>
    public int WarmUpSeconds => 30;

    public int LowSeconds => 15;

    public int HighSeconds => 45;

    /// <summary>As <c>inference-runtime bench</c> takes it.</summary>
    public string Phases => Invariant($"{Rate:0.##}:{LowSeconds}s,{Rate * Factor:0.##}:{HighSeconds}s");

    /// <summary>The same for the simulator, with the warm-up before it.</summary>
    public RateProfile Profile => RateProfile.Step(Rate, Rate * Factor, WarmUpSeconds + LowSeconds, WarmUpSeconds + LowSeconds + HighSeconds);
}
