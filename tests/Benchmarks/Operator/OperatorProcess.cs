using System.Diagnostics;
using System.Globalization;
using InferenceOperator.Testing;
using InferenceRuntime.Contract;

namespace InferenceOperator.Benchmarks.Operator;

/// <summary>The program <c>inference-operator run</c> as a process, with what it uses and what it says of itself.</summary>
internal sealed class OperatorProcess : IDisposable
{
    /// <summary>Where it holds its Lease.</summary>
    public const string LeaseNamespace = "default";

    private const double TicksPerSecond = 100;   // USER_HZ, fixed in Linux's ABI

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly HttpClient _http;

    private OperatorProcess(Process process, Uri endpoint)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = endpoint, Timeout = Patience };
    }

    /// <summary>Processor seconds so far, user and system.</summary>
    public double CpuSeconds
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // proc(5): fields 14 and 15 are utime and stime
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory, MiB; now, and the most so far.</summary>
    public (double Now, double Peak) ResidentMiB => (Field("VmRSS:"), Field("VmHWM:"));

    /// <summary>Starts it; returns once its endpoint answers.</summary>
    public static async Task<OperatorProcess> StartAsync(string kubeconfig, CancellationToken cancellationToken)
    {
        string[] arguments = ["run", "--kubeconfig", kubeconfig, "--watch-all", "--runtime-image", "inference-runtime:bench", "--http-host", "127.0.0.1", "--http-port", "0", "--leader-elect", "--leader-elect-namespace", LeaseNamespace];
        var start = new ProcessStartInfo(Repository.Program("InferenceOperator", "inference-operator"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(start) ?? throw new InvalidOperationException("inference-operator did not start");
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None); // So that it never waits for a reader.
        while (await process.StandardError.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken) is { } line)
        {
            if (line.StartsWith("endpoint ", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None); // As above.
                return new OperatorProcess(process, new Uri(line["endpoint ".Length..]));
            }
        }

        throw new InvalidOperationException("inference-operator ended before its endpoint answered");
    }

    /// <summary>Reads its metrics.</summary>
    public async Task<OperatorFigures> FiguresAsync(CancellationToken cancellationToken)
    {
        var samples = PrometheusTextParser.Parse(await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken)).ToList();
        double Sum(string name) => samples.Where(sample => sample.Name == name).Sum(static sample => sample.Value);
        return new(
            (int)Sum("inference_operator_agents"),
            samples.Where(static sample => sample.Name == "inference_operator_api_requests_total" && sample.Label("verb") != "get").Sum(static sample => sample.Value),
            samples.Where(static sample => sample.Name == "inference_operator_api_requests_total" && sample.Label("verb") == "get").Sum(static sample => sample.Value),
            Sum("inference_operator_control_steps_total"),
            Sum("inference_operator_api_throttled_seconds_total"));
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        using (var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await signal.WaitForExitAsync(CancellationToken.None);
        }

        await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _http.Dispose();
    }

    private double Field(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return double.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }
}
