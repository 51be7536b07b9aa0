using System.Diagnostics;
using System.Globalization;
using InferenceOperator.Benchmarks.Processes;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Core.Queueing;

namespace InferenceOperator.Benchmarks.Model;

/// <summary>What the latency model and the control step cost, in processor time of one core.</summary>
internal sealed class ModelSuite(bool quick)
{
    private static readonly int[] Batches = [1, 8, 32, 64];
    private static readonly double[] Loads = [0.5, 0.85, 0.95];
    private static readonly (string Name, double Noise, double Dispersion)[] Cases =
        [("fixed service", 0, 1), ("5 % noise", 0.05, 1), ("20 % noise", 0.2, 1), ("dispersion 4", 0, 4), ("5 % noise, dispersion 16", 0.05, 16)];

    private readonly int _rounds = quick ? 5 : 40;

    public SuiteReport Run()
    {
        var rows = new List<IReadOnlyList<string>>();
        var (solution, capacity) = (0.0, 0.0);
        foreach (var (name, noise, dispersion) in Cases)
        {
            foreach (var batch in Batches)
            {
                var queue = new BatchQueue(new BatchService(batch, Service, noise, 1, dispersion), dispersion);
                var solutions = Loads.Select(load => Milliseconds(() => queue.Latency(load * batch / Service(batch))!.Quantile(0.99))).ToArray();
                var search = Milliseconds(() => queue.Capacity(0.05, 0.99));
                (solution, capacity) = (Math.Max(solution, solutions.Max()), Math.Max(capacity, search));
                rows.Add([name, Text(batch, "0"), .. solutions.Select(ms => Text(ms, "0.00")), Text(search, "0.0")]);
            }
        }

        var agents = new AgentFleet(quick ? 200 : 1000, replicas: 3);
        var settling = agents.MillisecondsPerStep(steps: quick ? 12 : 60);
        var steady = agents.MillisecondsPerStep(steps: quick ? 12 : 60);
        return new SuiteReport(
            "model",
            Machine.Describe(),
            [
                new ReportTable("Milliseconds of processor time", ["case", "b", .. Loads.Select(l => $"p99 at load {Text(l, "0.00")}"), "capacity within 50 ms"], rows),
                new ReportTable("Control steps", ["agents", "replicas each", "first steps, ms each", "steady, ms each"], [[Text(agents.Count, "0"), "3", Text(settling, "0.000"), Text(steady, "0.000")]]),
            ],
            [Bar.AtMost("slowest solution of the latency model", 5, solution, " ms"), Bar.AtMost("a decision in steady state", 1, steady, " ms")]);
    }

    private static double Service(double rows) => 0.006 + (0.0005 * rows);

    /// <summary>Processor time of one call, after one that does not count.</summary>
    private double Milliseconds(Func<double> call)
    {
        var sum = call();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < _rounds; i++)
        {
            sum += call();
        }

        Trace.Assert(sum >= 0);
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / _rounds;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
