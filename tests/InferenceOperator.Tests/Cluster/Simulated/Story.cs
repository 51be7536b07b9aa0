using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Testing.Simulated;
using InferenceOperator.Tests.Cluster.Kit;
using static System.FormattableString;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>What people and their clients do to the cluster, drawn from a seed: whether or not the operator runs just then.</summary>
/// <param name="Number">What it is drawn from.</param>
/// <param name="Deeds">When, what, and for people.</param>
internal sealed record Story(int Number, ImmutableArray<(TimeSpan At, string Text, Action<SimulatedCluster> Do)> Deeds)
{
    public const string Namespace = "ads";

    private const string Person = "kubectl-edit";

    private static readonly string[] Names = ["ranker", "scorer", "tagger"];

    /// <summary>When the last deed is done.</summary>
    public TimeSpan Length => Deeds.Max(static deed => deed.At);

    public static Story Draw(int number)
    {
        var random = new Random(number);
        var deeds = ImmutableArray.CreateBuilder<(TimeSpan, string, Action<SimulatedCluster>)>();
        foreach (var name in Names[..random.Next(1, Names.Length + 1)])
        {
            var born = 8 * random.NextDouble();
            var least = random.Next(1, 4);
            var load = random.Next(3) == 0 ? random.Next(200, 1600) : 0;
            Add(born, $"{name} is made with minReplicas {least} and {load} requests/s", cluster =>
            {
                cluster.Nodes.Load[name] = load;
                cluster.Api.Create(SimulatedTypes.Agents, Manifest(name, least), Person);
            });
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                DrawDeed(random, name, born + 1 + (30 * random.NextDouble()), Add);
            }
        }

        return new Story(number, [.. deeds.OrderBy(static deed => deed.Item1)]);

        void Add(double at, string text, Action<SimulatedCluster> deed) => deeds.Add((TimeSpan.FromSeconds(at), text, deed));
    }

    /// <summary>Has it happen.</summary>
    public void Begin(SimulatedCluster cluster)
    {
        foreach (var (at, _, deed) in Deeds)
        {
            cluster.Time.At(at, () => deed(cluster));
        }
    }

    public override string ToString() => string.Join("; ", Deeds.Select(static deed => string.Create(CultureInfo.InvariantCulture, $"{deed.At.TotalSeconds:0.0} s: {deed.Text}")));

    private static void DrawDeed(Random random, string name, double at, Action<double, string, Action<SimulatedCluster>> add)
    {
        var (least, after) = (random.Next(1, 5), 2 + (8 * random.NextDouble()));
        switch (random.Next(11))
        {
            case 0:
                add(at, $"{name}: minReplicas {least}", Edit(name, Invariant($$"""{"spec": {"scaling": {"minReplicas": {{least}} } } }""")));
                break;
            case 1:
                add(at, $"{name}: replicas {least}", Edit(name, Invariant($$"""{"spec": {"scaling": {"replicas": {{least}} } } }""")));
                break;
            case 2:
                add(at, $"{name}: another SLO", Edit(name, """{"spec": {"slo": {"latency": {"target": "80ms"}}}}"""));
                break;
            case 3:
                add(at, $"{name}: another template", Edit(name, Invariant($$"""{"spec": {"template": {"nodeSelector": {"zone": "z{{least}}" } } } }""")));
                break;
            case 4:
                add(at, $"{name} is deleted", Delete(name, "Background"));
                break;
            case 5:
                add(at, $"{name} is deleted in the foreground", Delete(name, "Foreground"));
                break;
            case 6:
                add(at, $"{name} is deleted, to be made anew", Delete(name, "Background"));
                add(at + after, $"{name} is made anew", cluster => Try(() => cluster.Api.Create(SimulatedTypes.Agents, Manifest(name, least), Person)));
                break;
            case 7:
                add(at, $"somebody scales {name} to 9", cluster => Try(() => cluster.Api.Patch(new(SimulatedTypes.Deployments, Namespace, name), Written.Json("""{"spec": {"replicas": 9}}"""), Person)));
                break;
            case 8:
                var (type, suffix) = random.Next(3) switch { 0 => (SimulatedTypes.Services, ""), 1 => (SimulatedTypes.ConfigMaps, "-settings"), _ => (SimulatedTypes.Services, "-headless") };
                add(at, $"somebody deletes {type} {name}{suffix}", cluster => Try(() => cluster.Api.Delete(new(type, Namespace, name + suffix), Person)));
                break;
            case 9:
                add(at, $"{name}: nonsense, then put right", Edit(name, """{"spec": {"scaling": {"maxReplicas": 1, "minReplicas": 4}}}"""));
                add(at + after, $"{name}: put right", Edit(name, Invariant($$"""{"spec": {"scaling": {"maxReplicas": 6, "minReplicas": {{least}} } } }""")));
                break;
            default:
                add(at, "the API server forgets, and cuts all watches", static cluster =>
                {
                    cluster.Api.Forget();
                    cluster.Server.BreakWatches();
                });
                break;
        }
    }

    private static JsonObject Manifest(string name, int least) => Written.Agent(Namespace, name, Invariant($$"""
        "slo": {"latency": {"target": "50ms"} }, "scaling": {"minReplicas": {{least}}, "maxReplicas": 6}, "rollout": {"strategy": "Immediate"}
        """));

    private static Action<SimulatedCluster> Edit(string name, string patch) => cluster => Try(() => cluster.Api.Patch(new(SimulatedTypes.Agents, Namespace, name), Written.Json(patch), Person));

    private static Action<SimulatedCluster> Delete(string name, string propagation) => cluster => Try(() => cluster.Api.Delete(new(SimulatedTypes.Agents, Namespace, name), Person, propagation));

    private static void Try(Action deed)
    {
        try
        {
            deed();
        }
        catch (ApiRefusedException)
        {
            // Not there, or not there yet.
        }
    }
}
