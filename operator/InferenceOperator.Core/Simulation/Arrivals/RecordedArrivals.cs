namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>Recorded times, one after the other.</summary>
internal sealed class RecordedArrivals(Recording recording) : ArrivalProcess
{
    private int _next;

    public override double Next() => _next < recording.Times.Length ? recording.Times[_next++] : double.PositiveInfinity;
}
