using System.Collections.Immutable;
using InferenceOperator.Core.Scarcity;

namespace InferenceOperator.Core.Tests.Scarcity;

/// <summary>Asks and pools for tests.</summary>
internal static class Asks
{
    public const string Gpu = "nvidia.com/gpu";
    public const string Slice = "nvidia.com/mig-1g.10gb";

    public static GpuPool Pool(int gpus, int others = 0, string? ns = null, string resource = Gpu) =>
        new(resource, ns, ns is null ? "nodes" : $"ResourceQuota {ns}/gpus", gpus, others);

    /// <summary>An agent whose utility grows with each of the replicas that it wants alike.</summary>
    public static ReplicaAsk Ask(string agent, int wanted, int priority = 0, int held = 0, int min = 1) => new()
    {
        Agent = agent,
        Namespace = agent[..agent.IndexOf('/', StringComparison.Ordinal)],
        Priority = priority,
        Resource = Gpu,
        GpusPerReplica = 1,
        MinReplicas = min,
        Held = held,
        Wanted = wanted,
        Utility = [.. Enumerable.Range(0, wanted + 1).Select(n => wanted == 0 ? 1 : (double)n / wanted)],
    };

    /// <summary>Agents of two namespaces, three priorities and two resources.</summary>
    public static ImmutableArray<ReplicaAsk> Draw(Random random, bool concave, int agents, bool oneSize = true) =>
        [.. Enumerable.Range(0, agents).Select(i => One(random, concave, i, oneSize))];

    public static int ReplicasOf(this ImmutableArray<Grant> grants, string agent) => grants.Single(g => g.Agent == agent).Replicas;

    private static ReplicaAsk One(Random random, bool concave, int i, bool oneSize)
    {
        var (ns, wanted) = (random.Next(2) == 0 ? "ads" : "web", random.Next(0, 9));
        var gains = Enumerable.Range(0, wanted).Select(_ => random.NextDouble() / (wanted + 1)).ToList();
        if (concave)
        {
            gains.Sort((a, b) => b.CompareTo(a));
        }

        var utility = new List<double> { 0 };
        gains.ForEach(gain => utility.Add(utility[^1] + gain));
        return new ReplicaAsk
        {
            Agent = $"{ns}/{(char)('a' + i)}",
            Namespace = ns,
            Priority = random.Next(0, 3),
            Resource = random.Next(4) == 0 ? Slice : Gpu,
            GpusPerReplica = oneSize ? 1 : random.Next(1, 4),
            MinReplicas = random.Next(0, 3),
            Held = random.Next(0, 9),
            Wanted = wanted,
            Utility = [.. utility],
        };
    }
}
