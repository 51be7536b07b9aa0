using System.Collections.Immutable;
using System.CommandLine;
using InferenceOperator.Core.Simulation.Arrivals;
using InferenceOperator.Core.Simulation.Plant;
using InferenceOperator.Core.Simulation.Runs;
using InferenceOperator.Simulate;

namespace InferenceOperator.Commands;

/// <summary>The command <c>simulate</c>: policies against each other on one trace and one plant.</summary>
internal sealed class SimulateCommand
{
    private const string Lists = "; may stand several times.";

    private static readonly string About = $"""
        Compare scaling policies on a trace by discrete events. Reads and writes files only; equal options give equal results.

        Traces: CSV, told apart by the header.
          window_start_s,rate_per_s,cv   windows of equal length; arrivals are drawn from a Gamma renewal process of that rate and
                                         coefficient of variation, taken as 0.1 to 5; rate 0 is silence
          TIMESTAMP,...                  one recorded arrival a line, UTC, such as 2023-11-16 18:15:46.6805900

        Policies; NAME=PERCENT sets the target as a share of what a replica carries within the SLO, 70 unless given;
        PEER+burst lets the faster variant of --fit …,burst=SPEED run as long as replicas start; operator decides on it itself:
        {string.Join('\n', PolicyCatalog.All.Select(static p => $"  {p.Name + (p.TakesPercent ? "[=PERCENT]" : ""),-27} {p.About}"))}

        Exit codes: 0 done, 1 a file could not be read or written, 2 an option is wrong, 130 stopped.
        """;

    private readonly Option<string?> _trace = new("--trace") { Description = "Trace file." };
    private readonly Option<string?> _arrivals = new("--arrivals") { Description = $"Arrivals instead of a trace: {ArrivalText.Forms}; rates in requests per second, times as durations." };
    private readonly Option<string> _from = new("--from") { Description = "Begin of the part that is simulated, after the scaling of time.", DefaultValueFactory = static _ => "0s" };
    private readonly Option<string?> _for = new("--for") { Description = "Its length. [default: to the end]" };
    private readonly Option<string> _timeScale = new("--time-scale") { Description = "The trace runs so many times faster.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string> _rateScale = new("--rate-scale") { Description = "Rates of windows times this.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string?> _cv = new("--cv") { Description = "Coefficient of variation of the times between arrivals, 1 is Poisson. [default: the trace's; 1]" };
    private readonly Option<string> _policy = new("--policy") { Description = "Policies, separated by commas.", DefaultValueFactory = static _ => "operator,hpa-rate,kpa-rate,static-peak,oracle" };
    private readonly Option<string> _slo = new("--slo") { Description = "Latency within which a request is met, measured from its arrival.", DefaultValueFactory = static _ => "50ms" };
    private readonly Option<string> _percentile = new("--percentile") { Description = "Percent of requests that should be, from 50 to 99.99.", DefaultValueFactory = static _ => "99" };
    private readonly Option<string> _fit = new("--fit") { Description = "An execution of b rows takes a + m*b: a=TIME,m=TIME[,noise=SHARE][,shape=normal|lognormal][,burst=SPEED of the faster variant].", DefaultValueFactory = static _ => "a=6ms,m=0.5ms,noise=5%" };
    private readonly Option<string[]> _drift = new("--drift") { Description = $"From a time on executions take a factor of that: FACTOR@TIME{Lists}" };
    private readonly Option<string> _startUp = new("--start-up") { Description = "From wanted to ready: TIME, p50=TIME,p90=TIME,p99=TIME, or measured (22.7s, 42s, 51.9s).", DefaultValueFactory = static _ => "30s" };
    private readonly Option<string> _queue = new("--queue") { Description = "Requests that may wait at a replica; more are refused: a number, or unbounded.", DefaultValueFactory = static _ => "unbounded" };
    private readonly Option<string?> _timeout = new("--timeout") { Description = "Requests that have waited longer are dropped when their turn comes. [default: none is]" };
    private readonly Option<string> _batch = new("--batch") { Description = "Most rows in one execution, unless a policy moves it.", DefaultValueFactory = static _ => "64" };
    private readonly Option<string> _delay = new("--delay") { Description = "Longest that a free replica waits for company.", DefaultValueFactory = static _ => "0s" };
    private readonly Option<string> _routing = new("--routing") { Description = "Which replica gets a request: least (outstanding), random, round-robin.", DefaultValueFactory = static _ => "least" };
    private readonly Option<string> _replicas = new("--replicas") { Description = "Fewest and most replicas: MIN..MAX.", DefaultValueFactory = static _ => "1..100" };
    private readonly Option<string?> _initial = new("--initial") { Description = "Replicas at the start. [default: what the first rate takes]" };
    private readonly Option<string?> _quota = new("--quota") { Description = "Replicas that find a place, draining ones included. [default: all]" };
    private readonly Option<string[]> _crash = new("--crash") { Description = $"Crashes: mtbf=TIME of a replica, or SHARE@TIME of the ready ones at once{Lists}" };
    private readonly Option<string> _metrics = new("--metrics") { Description = "What lies between counters and policies: interval=TIME,age=TIME,noise=SHARE,loss=SHARE. Knative, Ray Serve and InferLine keep their own interval.", DefaultValueFactory = static _ => "interval=5s" };
    private readonly Option<string[]> _outage = new("--outage") { Description = $"No metric comes: TIME+LENGTH{Lists}" };
    private readonly Option<string> _seeds = new("--seeds") { Description = "How many seeds, from 1 on, or FIRST..LAST.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string> _warmUp = new("--warm-up") { Description = "Time at the start that no figure counts.", DefaultValueFactory = static _ => "5m" };
    private readonly Option<string> _price = new("--price") { Description = "Price of a replica for an hour.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string?> _out = new("--out") { Description = "Write a CSV file, a row for each policy and seed." };
    private readonly Option<string?> _series = new("--series") { Description = "Write a CSV file of the first seed, a row for each policy and 5 s." };
    private readonly Option<string?> _report = new("--report") { Description = "Write an HTML file: tables, plots over time, attainment against GPU-hours." };
    private readonly Option<bool> _force = new("--force") { Description = "Overwrite these files." };
    private readonly Option<string> _jobs = new("--jobs") { Description = "Runs at the same time, one core each.", DefaultValueFactory = static _ => "1" };

    public static Command Create() => new SimulateCommand().Build();

    private Command Build()
    {
        var command = new Command("simulate", About)
        {
            _trace, _arrivals, _from, _for, _timeScale, _rateScale, _cv, _policy, _slo, _percentile, _fit, _drift, _startUp, _queue, _timeout, _batch, _delay, _routing,
            _replicas, _initial, _quota, _crash, _metrics, _outage, _seeds, _warmUp, _price, _out, _series, _report, _force, _jobs,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var signals = new StopSignals(cancellationToken);
            return await RunAsync(parsed, signals.Stop).ConfigureAwait(false);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            var options = Read(parsed);
            CheckTargets(parsed.GetValue(_force), options.CsvPath, options.SeriesPath, options.ReportPath);
            await new SimulateRun(options, Console.Out, Console.Error).RunAsync(parsed.GetValue(_force), cancellationToken).ConfigureAwait(false);
            return ExitCodes.Done;
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    /// <exception cref="IOException">The trace cannot be read.</exception>
    private SimulateOptions Read(ParseResult parsed)
    {
        var workload = ReadWorkload(parsed);
        var (min, max) = new OptionText("--replicas").Pair(parsed.GetValue(_replicas)!, "..", "MIN..MAX");
        var least = new OptionText("--replicas").Count(min, 0, PlantSettings.ReplicasMax);
        var most = new OptionText("--replicas").Count(max, Math.Max(1, least), PlantSettings.ReplicasMax);
        var scenario = new Scenario
        {
            Workload = workload,
            Plant = ReadPlant(parsed),
            Metrics = PlantText.Metrics(parsed.GetValue(_metrics)!, parsed.GetValue(_outage) ?? []),
            SloSeconds = new OptionText("--slo").Seconds(parsed.GetValue(_slo), 0.0001, 600),
            SloShare = new OptionText("--percentile").Number(parsed.GetValue(_percentile), 50, 99.99) / 100,
            Min = least,
            Max = most,
            Initial = parsed.GetValue(_initial) is { } initial ? new OptionText("--initial").Count(initial, 1, most) : null,
            WarmUpSeconds = new OptionText("--warm-up").Seconds(parsed.GetValue(_warmUp)),
            PricePerHour = new OptionText("--price").Number(parsed.GetValue(_price), 0, 1e6),
        };
        if (scenario.WarmUpSeconds >= workload.Seconds)
        {
            throw new FormatException(FormattableString.Invariant($"--warm-up: the arrivals last {workload.Seconds:0.#} s, so nothing would be counted"));
        }

        var source = parsed.GetValue(_trace) is { } trace ? Path.GetFileName(trace) : parsed.GetValue(_arrivals);
        return new SimulateOptions
        {
            Scenario = scenario,
            Policies = ReadPolicies(parsed.GetValue(_policy)!),
            Seeds = ReadSeeds(parsed.GetValue(_seeds)!),
            Title = FormattableString.Invariant($"{source}, {workload.Seconds / 3600:0.##} h at {workload.MeanRate():0.#} requests/s; p{parsed.GetValue(_percentile)} within {parsed.GetValue(_slo)}; {parsed.GetValue(_fit)}, batches of {parsed.GetValue(_batch)}, start-up {parsed.GetValue(_startUp)}, queue {parsed.GetValue(_queue)}, metrics {parsed.GetValue(_metrics)}"),
            CsvPath = parsed.GetValue(_out),
            SeriesPath = parsed.GetValue(_series),
            ReportPath = parsed.GetValue(_report),
            Jobs = new OptionText("--jobs").Count(parsed.GetValue(_jobs), 1, 1024),
        };
    }

    private Workload ReadWorkload(ParseResult parsed)
    {
        var (trace, arrivals) = (parsed.GetValue(_trace), parsed.GetValue(_arrivals));
        if (trace is null == arrivals is null)
        {
            throw new FormatException("either --trace FILE or --arrivals KIND:NUMBERS is needed, and not both");
        }

        var timeScale = new OptionText("--time-scale").Number(parsed.GetValue(_timeScale), 0.001, 1e6);
        var rateScale = new OptionText("--rate-scale").Number(parsed.GetValue(_rateScale), 0.001, 1000);
        double? cv = parsed.GetValue(_cv) is { } text ? new OptionText("--cv").Number(text, 0.05, 20) : null;
        var whole = trace is not null
            ? TraceText.Read(trace, File.ReadLines(trace), timeScale, rateScale, cv)
            : new Workload.Drawn(ArrivalText.Parse(arrivals!, cv ?? 1)); // One of the two is there.
        var length = parsed.GetValue(_for) is { } part ? new OptionText("--for").Seconds(part, 1) : double.PositiveInfinity;
        return WorkloadPart.Of(whole, new OptionText("--from").Seconds(parsed.GetValue(_from)), length);
    }

    private PlantSettings ReadPlant(ParseResult parsed)
    {
        var queue = parsed.GetValue(_queue)!;
        return PlantText.WithCrashes(
            new PlantSettings
            {
                Service = PlantText.Fit(parsed.GetValue(_fit)!, parsed.GetValue(_drift) ?? []),
                StartUp = PlantText.StartUp(parsed.GetValue(_startUp)!),
                Routing = PlantText.Routing(parsed.GetValue(_routing)!),
                QueueBound = queue == "unbounded" ? PlantSettings.QueueMax : new OptionText("--queue").Count(queue, 1, PlantSettings.QueueMax),
                TimeoutSeconds = parsed.GetValue(_timeout) is { } timeout ? new OptionText("--timeout").Seconds(timeout, 0.0001) : double.PositiveInfinity,
                MaxBatch = new OptionText("--batch").Count(parsed.GetValue(_batch), 1, 4096),
                MaxDelaySeconds = new OptionText("--delay").Seconds(parsed.GetValue(_delay), 0, 10),
                Quota = parsed.GetValue(_quota) is { } quota ? new OptionText("--quota").Count(quota, 1, PlantSettings.ReplicasMax) : PlantSettings.ReplicasMax,
            },
            parsed.GetValue(_crash) ?? []);
    }

    private static ImmutableArray<string> ReadPolicies(string text)
    {
        ImmutableArray<string> names = [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            if (PolicyCatalog.Find(name, out var error) is null)
            {
                throw new FormatException($"--policy: {error}");
            }
        }

        return names;
    }

    private static ImmutableArray<ulong> ReadSeeds(string text)
    {
        const int seedsMax = 1000;
        var option = new OptionText("--seeds");
        var (first, last) = text.Contains("..", StringComparison.Ordinal) ? option.Pair(text, "..", "FIRST..LAST") : ("1", text);
        var begin = option.Count(first, 0, int.MaxValue - seedsMax);
        return [.. Enumerable.Range(begin, option.Count(last, begin, begin + seedsMax) - begin + 1).Select(static seed => (ulong)seed)];
    }

    /// <summary>Before hours of work, not after them.</summary>
    private static void CheckTargets(bool mayOverwrite, params ReadOnlySpan<string?> paths)
    {
        foreach (var path in paths)
        {
            if (path is not null && !mayOverwrite && File.Exists(path))
            {
                throw new FormatException($"{path} exists: name another file, or overwrite it with --force");
            }

            if (path is not null && Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            {
                throw new FormatException($"{path}: there is no folder {folder}");
            }
        }
    }
}
