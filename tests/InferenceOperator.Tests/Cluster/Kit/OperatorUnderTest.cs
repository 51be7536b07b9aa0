using InferenceOperator.Cluster;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Leases;
using InferenceOperator.Metrics;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>The whole operator, in this process, on one namespace of a real API server.</summary>
internal sealed class OperatorUnderTest : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private bool _disposed;

    private OperatorUnderTest(ClusterOperator @operator)
    {
        Operator = @operator;
        _running = @operator.RunAsync(_stop.Token);
    }

    public ClusterOperator Operator { get; }

    /// <summary>Requests so far that ask for a change.</summary>
    public long Writes => Operator.ApiRequests.Where(static request => request.Key.Verb != "get").Sum(static request => request.Value);

    /// <summary>Starts it and waits until it has seen the cluster.</summary>
    public static async Task<OperatorUnderTest> StartAsync(string kubeconfig, string ns, TimeProvider? time = null, PrometheusOptions? prometheus = null, TestLog? log = null, LeaseOptions? leases = null, ChildOptions? children = null, Func<KubernetesConfig, HttpMessageHandler>? connect = null, AdmissionSettings? admission = null)
    {
        var started = Launch(kubeconfig, ns, time, prometheus, log, leases, children, connect, admission);
        using var patience = Patience.Start();
        await started.Operator.Synced.WaitAsync(patience.Token);
        return started;
    }

    public static OperatorUnderTest Launch(string kubeconfig, string ns, TimeProvider? time = null, PrometheusOptions? prometheus = null, TestLog? log = null, LeaseOptions? leases = null, ChildOptions? children = null, Func<KubernetesConfig, HttpMessageHandler>? connect = null, AdmissionSettings? admission = null)
    {
        var options = new ClusterOptions
        {
            Scope = new ClusterScope([ns]),
            Children = children ?? new() { Image = "inference-runtime:test", OperatorNamespace = "inference-operator" },
            Tick = TimeSpan.FromSeconds(1),
            RolloutBlock = TimeSpan.FromSeconds(1),
            Prometheus = prometheus,
            Leases = leases,
            Admission = admission,
        };
        return new OperatorUnderTest(
            new ClusterOperator(options, KubernetesConfig.Load(kubeconfig, context: null), log ?? new TestLog(), time ?? TimeProvider.System, connect));
    }

    /// <summary>The value of one of the operator's own metrics.</summary>
    public double Metric(string name) => InferenceRuntime.Contract.PrometheusTextParser
        .Parse(System.Text.Encoding.UTF8.GetString(Operator.Metrics())).Where(sample => sample.Name == name).Sum(static sample => sample.Value);

    /// <summary>Ends it in order; once more does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        await _stop.CancelAsync();
        await _running;
        await Operator.DisposeAsync();
        _stop.Dispose();
    }
}
