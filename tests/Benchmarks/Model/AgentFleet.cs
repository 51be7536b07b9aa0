using InferenceOperator.Core.Control;
using InferenceOperator.Core.Observation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Benchmarks.Model;

/// <summary>Many agents under steady load that varies by a tenth from step to step, each with its own controller and service time.</summary>
internal sealed class AgentFleet
{
    private const double TickSeconds = 5;

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly double[] LatencyBounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 5];
    private static readonly double[] RowBounds = [1, 2, 4, 8, 16, 32, 64, 128];

    private readonly Random _random = new(1);
    private readonly List<Member> _members = [];
    private readonly int _replicas;
    private int _steps;

    public AgentFleet(int agents, int replicas)
    {
        _replicas = replicas;
        for (var i = 0; i < agents; i++)
        {
            _members.Add(new Member(i, replicas, 0.004 + (0.004 * _random.NextDouble()), 0.0003 + (0.0004 * _random.NextDouble()), 200 + (600 * _random.NextDouble())));
        }
    }

    public int Count => _members.Count;

    /// <summary>Steps every agent so often; processor time of one step of one agent.</summary>
    public double MillisecondsPerStep(int steps)
    {
        var total = TimeSpan.Zero;
        for (var i = 0; i < steps; i++)
        {
            _steps++;
            var now = Start + TimeSpan.FromSeconds(_steps * TickSeconds);
            var inputs = _members.Select(m => m.Next(_random, now)).ToList();
            var before = Environment.CpuUsage.TotalTime;
            for (var a = 0; a < _members.Count; a++)
            {
                _members[a].Controller.Step(inputs[a], now);
            }

            total += Environment.CpuUsage.TotalTime - before;
        }

        return total.TotalMilliseconds / steps / _members.Count;
    }

    private sealed class Member(int index, int replicas, double fixedSeconds, double secondsPerRow, double rate)
    {
        private readonly RuntimeCounters[] _counters =
            [.. Enumerable.Range(0, replicas).Select(_ => new RuntimeCounters { ProcessStartedAt = Start - TimeSpan.FromMinutes(10), Ready = true, StartUpSeconds = 20, SloSeconds = 0.05, BatchSizeMax = 32 })];

        private readonly InferenceAgent _agent = new()
        {
            Metadata = new AgentMetadata { Name = $"agent-{index}", Namespace = "bench", Uid = $"{index}", Generation = 1 },
            Spec = new AgentSpec
            {
                Model = new ModelSpec { Uri = "pvc://models/m.onnx" },
                Slo = new SloSpec { Latency = new LatencySloSpec { Target = Duration.Parse("50ms") } },
                Scaling = new ScalingSpec { MinReplicas = replicas, MaxReplicas = replicas + 10 },
            },
        };

        public AgentController Controller { get; } = new();

        public ControlInput Next(Random random, DateTimeOffset now)
        {
            var samples = new List<ReplicaSample>();
            for (var r = 0; r < replicas; r++)
            {
                _counters[r] = Served(_counters[r], rate * (0.9 + (0.2 * random.NextDouble())), 1 + (0.01 * (random.NextDouble() - 0.5)));
                samples.Add(new ReplicaSample($"r-{r}", now, MetricSource.Scrape, _counters[r]));
            }

            return new ControlInput
            {
                Agent = _agent,
                MetricInterval = TimeSpan.FromSeconds(TickSeconds),
                Samples = [.. samples],
                Workload = new WorkloadObservation { WantedReplicas = replicas, Replicas = [.. samples.Select(s => new ReplicaObservation(s.Replica, ReplicaPhase.Ready, Start - TimeSpan.FromMinutes(9)))] },
            };
        }

        /// <summary>The counters after another tick: batches of three sizes round the mean one, which a busy server takes.</summary>
        private RuntimeCounters Served(RuntimeCounters c, double rowsPerSecond, double noise)
        {
            var rows = rowsPerSecond * TickSeconds;
            var mean = Math.Max(1, rowsPerSecond * fixedSeconds / Math.Max(0.2, 1 - (rowsPerSecond * secondsPerRow)));
            var executions = c.Executions;
            foreach (var batch in new[] { Math.Max(1, mean / 2), mean, mean * 1.5 })
            {
                var seconds = (fixedSeconds + (secondsPerRow * batch)) * noise;
                executions += new ExecutionSums(1, batch, batch * batch, seconds, batch * seconds, seconds * seconds) * (rows / 3 / batch);
            }

            var perWindow = rowsPerSecond / 10;
            return c with
            {
                Answered = c.Answered + rows,
                SloRequests = c.SloRequests + rows,
                SloMet = c.SloMet + rows,
                Executions = executions,
                Arrivals = c.Arrivals + new ArrivalSums(TickSeconds * 10, rows, ((perWindow * perWindow) + perWindow) * TickSeconds * 10, rows),
                Phases = c.Phases + new PhaseSums(rows * 0.01, rows * 0.012, rows * 0.0002, rows * 0.0003),
                Latency = Filled(LatencyBounds, c.Latency.Count + rows, 0.022),
                BatchRows = Filled(RowBounds, executions.Count, mean),
            };
        }

        private static HistogramCounts Filled(double[] bounds, double count, double median) =>
            new([.. bounds], [.. bounds.Select(b => count * Math.Min(1, b / median / 2))], count, count * median);
    }
}
