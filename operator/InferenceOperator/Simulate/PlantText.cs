using InferenceOperator.Core.Simulation.Measuring;
using InferenceOperator.Core.Simulation.Plant;

namespace InferenceOperator.Simulate;

/// <summary>Reads the options that describe what serves and what is seen of it.</summary>
internal static class PlantText
{
    private static readonly string[] Quantiles = ["p50", "p90", "p99"];

    /// <exception cref="FormatException">The text is wrong.</exception>
    public static ServiceFit Fit(string text, IEnumerable<string> drifts)
    {
        var option = new OptionText("--fit");
        var fields = option.Fields(text, "a", "m", "noise", "shape", "burst");
        if (!fields.TryGetValue("a", out var a) || !fields.TryGetValue("m", out var m))
        {
            throw new FormatException($"--fit: '{text}' lacks a= or m=, as in a=6ms,m=0.5ms");
        }

        var fit = new ServiceFit
        {
            Fixed = option.Seconds(a, 0, 3600),
            PerRow = option.Seconds(m, 0, 3600),
            Noise = fields.TryGetValue("noise", out var noise) ? option.Share(noise) : 0,
            NoiseShape = !fields.TryGetValue("shape", out var shape) || shape == "normal" ? NoiseShape.Normal
                : shape == "lognormal" ? NoiseShape.Lognormal
                : throw new FormatException($"--fit: shape '{shape}' is neither normal nor lognormal"),
            BurstSpeed = fields.TryGetValue("burst", out var burst) ? option.Number(burst, 1, 1000) : 1,
            Drifts = [.. drifts.Select(Drift).OrderBy(static d => d.At)],
        };
        return fit.Mean(1) > 0 ? fit : throw new FormatException("--fit: an execution takes some time, so a and m are not both 0");
    }

    /// <exception cref="FormatException">The text is wrong.</exception>
    public static StartUp StartUp(string text)
    {
        var option = new OptionText("--start-up");
        if (text == "measured")
        {
            return Core.Simulation.Plant.StartUp.MeasuredLoads;
        }

        if (!text.Contains('=', StringComparison.Ordinal))
        {
            return new StartUp.Always(option.Seconds(text, 0, 86_400));
        }

        var fields = option.Fields(text, Quantiles);
        var seconds = Quantiles.Select(p => fields.TryGetValue(p, out var value)
            ? option.Seconds(value, 0, 86_400)
            : throw new FormatException($"--start-up: '{text}' lacks {p}=")).ToArray();
        return seconds[0] <= seconds[1] && seconds[1] <= seconds[2]
            ? new StartUp.Quantiles([(0, seconds[0] / 2), (0.5, seconds[0]), (0.9, seconds[1]), (0.99, seconds[2]), (1, seconds[2] * 1.1)])
            : throw new FormatException($"--start-up: '{text}': higher quantiles are not shorter");
    }

    /// <summary>Crashes: <c>mtbf=6h</c> for single replicas, <c>30%@10m</c> for a share of them at once.</summary>
    /// <exception cref="FormatException">The text is wrong.</exception>
    public static PlantSettings WithCrashes(PlantSettings plant, IEnumerable<string> texts)
    {
        var option = new OptionText("--crash");
        foreach (var text in texts)
        {
            if (text.StartsWith("mtbf=", StringComparison.Ordinal))
            {
                plant = plant with { CrashMeanSeconds = option.Seconds(text["mtbf=".Length..], 1) };
                continue;
            }

            var (share, at) = option.Pair(text, "@", "mtbf=TIME or SHARE@TIME, such as mtbf=6h or 30%@10m");
            plant = plant with { NodeLosses = [.. plant.NodeLosses.Add(new(option.Seconds(at), option.Share(share))).OrderBy(static l => l.At)] };
        }

        return plant;
    }

    /// <exception cref="FormatException">The text is wrong.</exception>
    public static Routing Routing(string text) => text switch
    {
        "least" => Core.Simulation.Plant.Routing.LeastOutstanding,
        "random" => Core.Simulation.Plant.Routing.Random,
        "round-robin" => Core.Simulation.Plant.Routing.RoundRobin,
        _ => throw new FormatException($"--routing: '{text}' is none of least, random, round-robin"),
    };

    /// <exception cref="FormatException">The text is wrong.</exception>
    public static MetricsSettings Metrics(string text, IEnumerable<string> outages)
    {
        var option = new OptionText("--metrics");
        var fields = text.Length == 0 ? [] : option.Fields(text, "interval", "age", "noise", "loss");
        var settings = new MetricsSettings();
        return settings with
        {
            IntervalSeconds = fields.TryGetValue("interval", out var interval) ? option.Seconds(interval, 0.1, 600) : settings.IntervalSeconds,
            AgeSeconds = fields.TryGetValue("age", out var age) ? option.Seconds(age, 0, 600) : 0,
            Noise = fields.TryGetValue("noise", out var noise) ? option.Share(noise) : 0,
            Loss = fields.TryGetValue("loss", out var loss) ? option.Share(loss) : 0,
            Outages = [.. outages.Select(Outage)],
        };
    }

    private static Drift Drift(string text)
    {
        var option = new OptionText("--drift");
        var (factor, at) = option.Pair(text, "@", "FACTOR@TIME, such as 1.5@30m");
        return new(option.Seconds(at), option.Number(factor, 0.01, 100));
    }

    private static (double From, double To) Outage(string text)
    {
        var option = new OptionText("--outage");
        var (from, length) = option.Pair(text, "+", "TIME+LENGTH, such as 10m+2m");
        return (option.Seconds(from), option.Seconds(from) + option.Seconds(length));
    }
}
