using System.Globalization;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace InferenceOperator.Testing;

/// <summary>
/// Runs a target against drawn cases: a fixed number of them in the suites, or as many as the minutes in <c>FUZZ_MINUTES</c> allow for each
/// target. Case i draws from seed <c>FUZZ_SEED</c> + i, so that a printed seed repeats its case alone: <c>FUZZ_SEED=… FUZZ_CASES=1</c>.
/// </summary>
public sealed class FuzzRun(ITestOutputHelper output, string target)
{
    /// <summary>The seed of the first case where none is given.</summary>
    public const int FirstSeed = 20_261_121;

    /// <summary>A case that takes longer has hung, or nearly so.</summary>
    public static readonly TimeSpan CaseTimeMax = TimeSpan.FromSeconds(10);

    /// <summary>How long one case may take.</summary>
    public TimeSpan TimeMax { get; init; } = CaseTimeMax;

    /// <summary>Seed of the first case.</summary>
    public int Seed { get; } = Number("FUZZ_SEED") ?? FirstSeed;

    /// <summary>Tries cases one after the other on this thread.</summary>
    /// <param name="cases">How many in the suites.</param>
    /// <param name="tryOne">Draws a case, tries it, and throws where it finds something.</param>
    /// <returns>How many were tried.</returns>
    public int Run(int cases, Action<Random> tryOne)
    {
        var number = 0;
        for (var enough = Enough(cases); !enough(number); number++)
        {
            var startedAt = TimeProvider.System.GetTimestamp();
            try
            {
                tryOne(new Random(Seed + number));
            }
            catch (Exception found)
            {
                throw Found(number, found);
            }

            if (TimeProvider.System.GetElapsedTime(startedAt) > TimeMax)
            {
                throw Found(number, new TimeoutException("the case took too long"));
            }
        }

        return Told(number);
    }

    /// <summary>Tries cases on several tasks at once; each has its own seed all the same.</summary>
    /// <inheritdoc cref="Run"/>
    public async Task<int> RunAsync(int cases, int atOnce, Func<Random, Task> tryOne)
    {
        var (next, enough) = (-1, Enough(cases));
        await Task.WhenAll(Enumerable.Range(0, atOnce).Select(async _ =>
        {
            for (int number; !enough(number = Interlocked.Increment(ref next));)
            {
                try
                {
                    await tryOne(new Random(Seed + number)).WaitAsync(6 * TimeMax);
                }
                catch (Exception found)
                {
                    throw Found(number, found);
                }
            }
        }));
        return Told(next - atOnce + 1);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Func<int, bool> Enough(int cases)
    {
        var startedAt = TimeProvider.System.GetTimestamp();
        return Number("FUZZ_MINUTES") is { } minutes
            ? _ => TimeProvider.System.GetElapsedTime(startedAt) >= TimeSpan.FromMinutes(minutes)
            : number => number >= (Number("FUZZ_CASES") ?? cases);
    }

    private int Told(int cases)
    {
        output.WriteLine($"{target}: {cases} cases from seed {Seed}");
        return cases;
    }

    private XunitException Found(int number, Exception found) =>
        new($"{target}: found with FUZZ_SEED={Seed + number} FUZZ_CASES=1: {found.Message}{Environment.NewLine}{found}");
}
