using System.Globalization;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using static System.FormattableString;

namespace InferenceOperator.Benchmarks.Local;

/// <summary>What programs that do not descend from this one take of all cores while a run goes on.</summary>
internal sealed class OthersUse
{
    /// <summary>Above this share of a core the figures are another's.</summary>
    public const double ShareMax = 0.1;

    private const double TicksPerSecond = 100;   // USER_HZ, fixed in Linux's ABI

    private Dictionary<int, double> _ours = Ours();
    private double _all = All();
    private long _at = TimeProvider.System.GetTimestamp();
    private double _taken;
    private double _seconds;

    /// <summary>Cores that others took so far, on the average.</summary>
    public double Share => _seconds > 0 ? Math.Max(0, _taken) / _seconds : 0;

    /// <summary>Takes in the time since the last look; to be called more often than processes come and go.</summary>
    /// <returns>Cores that others took meanwhile.</returns>
    public double Look()
    {
        var (ours, all, at) = (Ours(), All(), TimeProvider.System.GetTimestamp());
        var seconds = TimeProvider.System.GetElapsedTime(_at, at).TotalSeconds;
        var taken = all - _all - ours.Sum(process => process.Value - _ours.GetValueOrDefault(process.Key));
        (_ours, _all, _at) = (ours, all, at);
        _taken += taken;
        _seconds += seconds;
        return Math.Max(0, taken / seconds);
    }

    /// <summary>The bars as they are, or without verdict where others took too much.</summary>
    public IReadOnlyList<Bar> Judge(IEnumerable<Bar> bars) =>
        [.. Share <= ShareMax ? bars : bars.Select(bar => bar.But(Invariant($"others took {Share:0 %} of a core meanwhile")))];

    private static double All() => Enumerable.Range(0, Environment.ProcessorCount).Sum(CoreUse.Seconds);

    // Processor seconds of this process and of all that it started, and they, by process.
    private static Dictionary<int, double> Ours()
    {
        var all = new Dictionary<int, (int Parent, double Seconds)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Read(folder) is { } read)
            {
                all[id] = read;
            }
        }

        return all.Keys.Where(id => IsOurs(id, all)).ToDictionary(static id => id, id => all[id].Seconds);
    }

    private static bool IsOurs(int id, Dictionary<int, (int Parent, double Seconds)> all)
    {
        // Parents do not go in circles; a process whose parent ended belongs to the first one.
        while (id > 1 && id != Environment.ProcessId)
        {
            id = all.TryGetValue(id, out var process) ? process.Parent : 0;
        }

        return id == Environment.ProcessId;
    }

    private static (int Parent, double Seconds)? Read(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // proc(5): from field 3 on; 4 is ppid, 14 and 15 are utime and stime
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
        }
        catch (IOException)
        {
            return null; // It ended meanwhile.
        }
    }
}
