namespace InferenceOperator.Core.Simulation.Arrivals;

/// <summary>What is offered: a closed set. Immutable.</summary>
public abstract record Workload
{
    private Workload()
    {
    }

    /// <summary>Seconds that the workload lasts, above 0.</summary>
    public abstract double Seconds { get; }

    /// <summary>The arrivals of one seed; equal seeds give equal arrivals.</summary>
    public abstract ArrivalProcess Begin(ulong seed);

    /// <summary>Requests per second that are expected at a time, for policies that know the future; 0 outside the workload.</summary>
    public abstract double RateAt(double seconds);

    /// <summary>Largest rate anywhere between two times.</summary>
    public abstract double PeakBetween(double from, double to);

    /// <summary>Mean rate over the whole workload.</summary>
    public abstract double MeanRate();

    /// <summary>Arrivals drawn from a rate that changes over time.</summary>
    /// <param name="Profile">Rate and burstiness over time.</param>
    public sealed record Drawn(RateProfile Profile) : Workload
    {
        public override double Seconds => Profile.Seconds;

        public override ArrivalProcess Begin(ulong seed) => new RenewalArrivals(Profile, seed);

        public override double RateAt(double seconds) => Profile.RateAt(seconds);

        public override double PeakBetween(double from, double to) => Profile.PeakBetween(from, to);

        public override double MeanRate() => Profile.MeanRate();
    }

    /// <summary>Recorded arrivals, the same for every seed.</summary>
    /// <param name="Recording">The times.</param>
    public sealed record Replayed(Recording Recording) : Workload
    {
        public override double Seconds => Recording.Seconds;

        public override ArrivalProcess Begin(ulong seed) => new RecordedArrivals(Recording);

        public override double RateAt(double seconds) => Recording.RateAt(seconds);

        public override double PeakBetween(double from, double to) => Recording.PeakBetween(from, to);

        public override double MeanRate() => Recording.Times.Length / Recording.Seconds;
    }
}
