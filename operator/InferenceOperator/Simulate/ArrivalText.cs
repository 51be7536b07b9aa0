using InferenceOperator.Core.Simulation.Arrivals;

namespace InferenceOperator.Simulate;

/// <summary>Reads <c>--arrivals</c>: KIND:NUMBERS.</summary>
internal static class ArrivalText
{
    public const string Forms = "poisson:RATE:FOR, gamma:RATE:CV:FOR, step:RATE:RATE:AT:FOR, ramp:RATE:RATE:FOR or square:RATE:RATE:PERIOD:FOR";

    /// <param name="text">As written.</param>
    /// <param name="variation">Coefficient of variation of the times between arrivals, where the kind does not name it.</param>
    /// <exception cref="FormatException">It is none of the forms.</exception>
    public static RateProfile Parse(string text, double variation)
    {
        var option = new OptionText("--arrivals");
        var parts = text.Split(':');
        double Rate(int i) => option.Number(parts[i], 0, 1e6);
        double Time(int i) => option.Seconds(parts[i], 0.001, 1e8);
        return (parts[0], parts.Length) switch
        {
            ("poisson", 3) => RateProfile.Constant(Rate(1), Time(2)),
            ("gamma", 4) => RateProfile.Constant(Rate(1), Time(3), option.Number(parts[2], 0.05, 20)),
            ("step", 5) when Time(3) < Time(4) => RateProfile.Step(Rate(1), Rate(2), Time(3), Time(4), variation),
            ("ramp", 4) => RateProfile.Ramp(Rate(1), Rate(2), Time(3), variation),
            ("square", 5) when Time(4) / Time(3) <= 100_000 => RateProfile.Square(Rate(1), Rate(2), Time(3), Time(4), variation),
            _ => throw new FormatException($"--arrivals: '{text}' is not {Forms}"),
        };
    }
}
