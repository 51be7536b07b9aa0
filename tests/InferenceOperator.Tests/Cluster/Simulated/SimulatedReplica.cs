using System.Globalization;
using System.Text;
using InferenceRuntime.Contract;
using static System.FormattableString;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The process in a pod: counts requests at a steady rate, half of them alone and half in pairs, takes settings, and says what it serves.</summary>
internal sealed class SimulatedReplica(TimeProvider time, string token, RuntimeSettings settings, string model)
{
    /// <summary>Time of an execution of one row, and of each further one, seconds.</summary>
    private const double FirstRow = 0.004;
    private const double FurtherRow = 0.002;

    /// <summary>Length of the windows in which arrivals are counted, seconds.</summary>
    private const double Window = 0.1;

    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private double _windows;
    private double _requests;
    private double _arrivalsSquared;
    private long _countedAt = time.GetTimestamp();

    /// <summary>The settings in force.</summary>
    public RuntimeSettings Settings { get; set; } = settings;

    /// <summary>Opens the admin port.</summary>
    public string Token => token;

    public ReplicaState State => new()
    {
        Model = "model",
        ModelSha256 = model,
        Ready = true,
        Batched = true,
        Provider = "CPUExecutionProvider",
        Threads = 1,
        StartUpSeconds = 3,
        Settings = Settings,
    };

    /// <summary>Counts what came since the last call.</summary>
    /// <param name="rate">Requests per second meanwhile.</param>
    public void Count(double rate)
    {
        var seconds = time.GetElapsedTime(_countedAt).TotalSeconds;
        _countedAt = time.GetTimestamp();
        var perWindow = rate * Window;
        _windows += seconds / Window;
        _requests += rate * seconds;
        // As Poisson's process has it.
        _arrivalsSquared += seconds / Window * (perWindow + (perWindow * perWindow));
    }

    /// <summary>The text of the metrics port.</summary>
    public string Metrics()
    {
        // Of three requests one runs alone and two run together.
        var (alone, pairs) = (_requests / 3, _requests / 3);
        var (one, two) = (FirstRow, FirstRow + FurtherRow);
        var text = new StringBuilder();
        Write(MetricNames.ProcessStartTimeSeconds, "", (_startedAt - DateTimeOffset.UnixEpoch).TotalSeconds);
        Write(MetricNames.Ready, "", 1);
        Write(MetricNames.StartUpSeconds, "", 3);
        Write(MetricNames.RequestsTotal, $$"""{outcome="{{RequestOutcomes.Answered}}"}""", _requests);
        Write(MetricNames.PhaseSecondsTotal, $$"""{phase="{{RequestPhases.Compute}}"}""", (alone * one) + (2 * pairs * two));
        Write(MetricNames.ExecutionsTotal, "", alone + pairs);
        Write(MetricNames.ExecutionRowsTotal, "", alone + (2 * pairs));
        Write(MetricNames.ExecutionRowsSquaredTotal, "", alone + (4 * pairs));
        Write(MetricNames.ExecutionSecondsTotal, "", (alone * one) + (pairs * two));
        Write(MetricNames.ExecutionRowsSecondsTotal, "", (alone * one) + (2 * pairs * two));
        Write(MetricNames.ExecutionSecondsSquaredTotal, "", (alone * one * one) + (pairs * two * two));
        Write(MetricNames.ArrivalWindowsTotal, "", _windows);
        Write(MetricNames.ArrivalsTotal, "", _requests);
        Write(MetricNames.ArrivalsSquaredTotal, "", _arrivalsSquared);
        Write(MetricNames.ArrivalRowsTotal, "", _requests);
        Write(MetricNames.BatchSizeMax, "", Settings.Batching.MaxSize);
        if (Settings.Slo is { } slo)
        {
            var label = Invariant($$"""{slo_seconds="{{slo.TargetMs / 1000}}"}""");
            Write(MetricNames.SloRequestsTotal, label, _requests);
            Write(MetricNames.SloMetTotal, label, _requests);
        }

        foreach (var bound in MetricBuckets.Seconds)
        {
            Write(MetricNames.RequestSeconds + "_bucket", Invariant($$"""{le="{{bound}}"}"""), bound < one ? 0 : bound < two ? alone : _requests);
        }

        Write(MetricNames.RequestSeconds + "_count", "", _requests);
        Write(MetricNames.RequestSeconds + "_sum", "", (alone * one) + (2 * pairs * two));
        foreach (var bound in MetricBuckets.Rows)
        {
            Write(MetricNames.BatchRows + "_bucket", Invariant($$"""{le="{{bound}}"}"""), bound < 2 ? alone : alone + pairs);
        }

        Write(MetricNames.BatchRows + "_count", "", alone + pairs);
        Write(MetricNames.BatchRows + "_sum", "", alone + (2 * pairs));
        return text.ToString();

        void Write(string name, string labels, double value) => text.Append(name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
