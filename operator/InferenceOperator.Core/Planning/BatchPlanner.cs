using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning;

/// <summary>
/// The batch limit in closed form: the largest of which an execution leaves a sixth of the target, max{ b : 1.2·s_q(b) + overhead ≤ target }. Capacity
/// within the SLO grows up to about the b of which two executions fit and is flat from there on; what grows further is what is worked off while replicas lack.
/// The server takes what waits, so a high limit costs nothing at low load.
/// </summary>
/// <remarks>
/// Before anything is known the limit is 1: the one limit at which no request waits for another's rows in its own execution, and
/// the one that measures s(1), on which the feasibility of the SLO hangs. From there it at most doubles per step, so 64 is
/// six steps away, and every step widens the range of batches that identifies s(b).
/// </remarks>
internal static class BatchPlanner
{
    /// <summary>The limit before anything is known, with an SLO.</summary>
    public const int Start = 1;

    /// <summary>Executions that have to fit into the target; more while it is not known how time grows with rows.</summary>
    private const double Executions = 1.2;
    private const double ExecutionsUnidentified = 2;

    /// <summary>A raise has to bring this much more capacity.</summary>
    private const double WorthwhileGain = 1.05;

    /// <summary>Time after a lowering in which the limit is not raised.</summary>
    public static readonly TimeSpan Dwell = TimeSpan.FromSeconds(120);

    /// <summary>Growth over the largest batch seen.</summary>
    private const int Growth = 2;

    /// <summary>Share of the capacity from which on an unidentified limit is tried higher.</summary>
    private const double BusyShare = 0.5;

    /// <summary>Standard deviations of noise in s_q.</summary>
    private const double NoiseQuantile = 1.64;

    /// <param name="now">What is so.</param>
    /// <param name="table">Resting on the same service time and objective; not asked when nothing is known.</param>
    public static BatchPlan Plan(BatchSituation now, CapacityTable table)
    {
        var current = Math.Clamp(now.Current.MaxSize, 1, now.Bounds.MaxSize);
        if (!now.Objective.HasSlo)
        {
            var limits = new BatchLimits(now.Bounds.MaxSize, now.Bounds.MaxDelay);
            return new(limits, limits.MaxSize, [], limits == now.Current ? "" : "without an SLO the batch limit is what the manifest allows");
        }

        if (now.Service is not { } service)
        {
            return new(now.Current with { MaxSize = current }, current, [], "");
        }

        var ideal = Math.Max(1, Ideal(service, now.Objective, now.Bounds.MaxSize));
        var (size, guard, why) = ideal < current ? Lower(now, service, current, ideal) : Raise(now, service, table, current, ideal);
        var reachable = Math.Max(size, Reachable(ideal, now.LargestBatch));
        var limit = new BatchLimits(size, Delay(now, service, size));
        return new(limit, reachable, guard is { } g ? [g] : [], why);
    }

    /// <summary>The limit that growth comes to within some steps.</summary>
    /// <param name="ideal">b*.</param>
    /// <param name="largestBatch">Largest batch ever seen, rows.</param>
    public static int Reachable(int ideal, int largestBatch) => Math.Min(ideal, Growth * Growth * Math.Max(1, largestBatch));

    /// <summary>b*; 0: not even two executions of a row fit.</summary>
    public static int Ideal(ServiceTime service, Objective objective, int maxSize)
    {
        int low = 0, high = maxSize;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (Needed(service, middle) <= objective.BudgetSeconds)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>s_q(b): a slow execution of b rows.</summary>
    public static double Slow(ServiceTime service, double rows) => service.Upper(rows) * (1 + (NoiseQuantile * service.RelativeNoise));

    private static (int Size, GuardRail? Guard, string Why) Lower(BatchSituation now, ServiceTime service, int current, int ideal)
    {
        // Unidentified, the line above the observed batches is the worst one: no reason to go back on a limit that is not even reached.
        if (service is ServiceTime.OnePoint && (now.LargestBatch < current || !now.IsAtRisk))
        {
            return (current, null, "");
        }

        var tooSlow = Needed(service, current);
        return tooSlow > now.Objective.BudgetSeconds * WorthwhileGain || (now.IsAtRisk && tooSlow > now.Objective.BudgetSeconds)
            ? (ideal, null, $"an execution of {current} rows takes {Text(Slow(service, current))}, too near the {Text(now.Objective.BudgetSeconds)} that the SLO leaves; one of {ideal} fits")
            : (current, GuardRail.BatchNotWorthwhile, "");
    }

    private static (int Size, GuardRail? Guard, string Why) Raise(BatchSituation now, ServiceTime service, CapacityTable table, int current, int ideal)
    {
        var cap = Math.Max(current, Math.Min(now.Bounds.MaxSize, Growth * Math.Max(1, now.LargestBatch)));
        var held = ideal > cap ? GuardRail.BatchGrowth : (GuardRail?)null;
        var size = Math.Min(ideal, cap);
        if (service is ServiceTime.OnePoint)
        {
            // One execution of twice the rows, even at the worst line, still fits: worth a try when there is demand for it.
            var isBusy = now.IsAtRisk || now.DemandPerReplica > BusyShare * table.Capacity(current);
            size = isBusy && Slow(service, cap) <= now.Objective.BudgetSeconds ? cap : size;
            return size > current
                ? (size, GuardRail.BatchGrowth, $"batches up to {current} leave room in the SLO: {size} is tried to learn how time grows with rows")
                : (current, held, "");
        }

        if (size <= current)
        {
            return (current, held, "");
        }

        if (now.SinceLowered < Dwell)
        {
            return (current, GuardRail.BatchDwell, "");
        }

        return now.IsAtRisk || table.Capacity(size) > WorthwhileGain * table.Capacity(current) || Throughput(service, size) > WorthwhileGain * Throughput(service, current)
            ? (size, held, $"an execution of {size} rows takes {Text(Slow(service, size))} and fits the SLO; a replica works off {Throughput(service, size):0} rows/s instead of {Throughput(service, current):0}")
            : (current, GuardRail.BatchNotWorthwhile, "");
    }

    private static double Needed(ServiceTime service, int size) => (service is ServiceTime.OnePoint ? ExecutionsUnidentified : Executions) * Slow(service, size);

    private static double Throughput(ServiceTime service, int size) => size / service.Upper(size);

    /// <summary>What the SLO leaves after two executions, at most what the manifest allows, in steps of a tenth of that.</summary>
    private static Duration Delay(BatchSituation now, ServiceTime service, int size)
    {
        var slack = Math.Max(0, now.Objective.BudgetSeconds - (2 * Slow(service, size)));
        var tenths = Math.Floor(Math.Min(1, slack / Math.Max(1e-9, now.Bounds.MaxDelay.Seconds)) * 10);
        return new((long)(now.Bounds.MaxDelay.Nanoseconds * (tenths / 10)));
    }

    private static string Text(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{Duration.FromSecondsRounded(seconds)}");
}
