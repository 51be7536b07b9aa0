namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Makes traffic of every kind, the same for the same seed.</summary>
/// <param name="seed">Seed of sizes, costs and requests.</param>
/// <param name="requests">Requests of each trace.</param>
/// <param name="equal">True: all items have one size and one cost.</param>
internal sealed class Traces(int seed, int requests, bool equal)
{
    /// <summary>Items with a popularity, beside those of sweeps.</summary>
    public const int Population = 20_000;

    private const int LoopLength = 6_000;
    private const int SweepLength = 4_000;
    private const int SweepEvery = 20_000;
    private const int ShiftEvery = 20_000;

    /// <summary>Every trace of the suite.</summary>
    public IEnumerable<Trace> All() =>
    [
        Zipf(0.7), Zipf(0.9), Zipf(1.1), Scan(), Loop(), Shifting(), Mix(),
    ];

    private Trace Zipf(double exponent)
    {
        var random = new Random(seed);
        var draw = new ZipfDraw(Population, exponent);
        return Make(FormattableString.Invariant($"zipf {exponent:0.0}"), Enumerable.Range(0, requests).Select(_ => draw.Next(random)));
    }

    /// <summary>Zipf 0.9, crossed by sweeps over things that are never asked for again.</summary>
    private Trace Scan()
    {
        var random = new Random(seed);
        var draw = new ZipfDraw(Population, 0.9);
        var fresh = Population;
        return Make("scan", Enumerable.Range(0, requests).Select(
            i => i % SweepEvery >= SweepEvery - SweepLength ? fresh++ : draw.Next(random)));
    }

    /// <summary>The same things round and round, more than fit.</summary>
    private Trace Loop() => Make("loop", Enumerable.Range(0, requests).Select(static i => i % LoopLength));

    /// <summary>Zipf 0.9 whose ranks are dealt anew now and then.</summary>
    private Trace Shifting()
    {
        var random = new Random(seed);
        var draw = new ZipfDraw(Population, 0.9);
        var ranks = Enumerable.Range(0, Population).ToArray();
        return Make("shifting", Enumerable.Range(0, requests).Select(i =>
        {
            if (i % ShiftEvery == 0)
            {
                random.Shuffle(ranks);
            }

            return ranks[draw.Next(random)];
        }));
    }

    /// <summary>By turns: Zipf, a loop, a sweep, and a popularity that drifts.</summary>
    private Trace Mix()
    {
        var random = new Random(seed);
        var draw = new ZipfDraw(Population, 0.9);
        var fresh = 2 * Population;
        return Make("mix", Enumerable.Range(0, requests).Select(i => random.Next(10) switch
        {
            < 6 => draw.Next(random),
            < 8 => (draw.Next(random) + (i / 50)) % Population,
            8 => Population + (i / 10 % LoopLength),
            _ => fresh++,
        }));
    }

    private Trace Make(string name, IEnumerable<int> sequence)
    {
        var all = sequence.ToArray();
        var random = new Random(seed + 1);
        var items = new TraceItem[all.Max() + 1];
        for (var i = 0; i < items.Length; i++)
        {
            if (equal)
            {
                items[i] = new TraceItem(1024, 1000);
                continue;
            }

            // Half a KiB of objects and array headers that every response has, and a payload spread over a hundredfold. Time grows more slowly
            // than the payload and is spread itself, as between short and long texts.
            var payload = Math.Clamp(1024 * Math.Pow(2, Normal(random) * 1.5), 64, 128 * 1024);
            items[i] = new TraceItem(512 + (int)payload, Math.Sqrt(payload) * 30 * Math.Pow(2, Normal(random) * 0.7));
        }

        return new Trace(name, all, items);
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
