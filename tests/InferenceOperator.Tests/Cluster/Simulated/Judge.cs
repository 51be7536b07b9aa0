using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Testing.Simulated;

namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>Looks at every write to the simulated cluster and says what should never be.</summary>
/// <remarks>
/// Never: fewer replicas than are declared, or within a minute of the moment in which an operator began to work than there were then; a Deployment or Secret of a live agent removed or made anew; another admin
/// token; pods replaced for no reason; a status that goes back, or says that something is in the way when nothing is.
/// </remarks>
/// <param name="time">The clock.</param>
internal sealed class Judge(TimeProvider time)
{
    private const string Operator = "inference-operator";

    /// <summary>For which an operator that has just started knows too little to let replicas go; its own scale-down window is longer.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(55);

    private readonly Dictionary<string, Known> _agents = new(StringComparer.Ordinal);
    private long _startedAt;

    /// <summary>What should never have been.</summary>
    public ConcurrentQueue<string> Breaches { get; } = new();

    /// <summary>Hears that an operator begins to work.</summary>
    public void Started()
    {
        _startedAt = time.GetTimestamp();
        foreach (var agent in _agents.Values)
        {
            // What somebody set by hand, or an older manifest asked for, is put right.
            agent.AtStart = agent.IsByHand || agent.Declared.Length > 1 ? 0 : agent.Replicas.Values.Sum();
        }
    }

    /// <summary>Takes in a write; called for one after the other.</summary>
    public void Take(ObjectEvent news)
    {
        if (news.Key.Type == SimulatedTypes.Agents)
        {
            TakeAgent(news);
        }
        else if (news.Key.Type == SimulatedTypes.Leases)
        {
            if (Holder(news.After) is { Length: > 0 } holder && (news.Before is null || holder != Holder(news.Before)))
            {
                Started();
            }
        }
        else if (news.After.OwnerUids.FirstOrDefault() is { } uid && _agents.TryGetValue(uid, out var agent))
        {
            if (news.Key.Type == SimulatedTypes.Deployments)
            {
                TakeDeployment(agent, news);
            }
            else if (news.Key.Type == SimulatedTypes.Secrets)
            {
                Expect(news.Before is null ? agent.Tokens++ == 0 : news.IsRemoval ? !agent.IsAlive : JsonNode.DeepEquals(news.Before.Value["data"], news.After.Value["data"]), news, "the admin token came anew or changed");
            }
        }
    }

    private static int Declared(JsonObject agent)
    {
        var scaling = agent["spec"]?["scaling"];
        return (int?)scaling?["replicas"] ?? Math.Min((int?)scaling?["minReplicas"] ?? 1, (int?)scaling?["maxReplicas"] ?? 1);
    }

    private static string? Holder(StoredObject lease) => (string?)lease.Value["spec"]?["holderIdentity"];

    private static int Replicas(StoredObject deployment) => (int)deployment.Value["spec"]!["replicas"]!; // The operator writes it always.

    private void TakeAgent(ObjectEvent news)
    {
        if (news.Before is null)
        {
            _agents[news.After.Uid] = new Known();
        }

        var agent = _agents[news.After.Uid];
        agent.IsAlive = !news.IsRemoval && !news.After.IsEnding;
        if (!JsonNode.DeepEquals(news.Before?.Value["spec"], news.After.Value["spec"]))
        {
            // Which of the last two it goes by may be a matter of the moment.
            agent.Declared = [Declared(news.After.Value), .. agent.Declared.Take(1)];
            agent.Templates += news.Before is not null && JsonNode.DeepEquals(news.Before.Value["spec"]?["template"], news.After.Value["spec"]?["template"]) ? 0 : 1;
            agent.AtStart = 0;
        }

        if (news.Before is null || news.After.Value["status"] is not { } status)
        {
            return;
        }

        Expect(((long?)news.Before.Value["status"]?["observedGeneration"] ?? 0) <= ((long?)status["observedGeneration"] ?? 0), news, "status follows an older generation than before");
        var stalled = (status["conditions"] as JsonArray)?.OfType<JsonObject>().FirstOrDefault(static c => (string?)c["type"] == ConditionTypes.Stalled && (string?)c["status"] == "True");
        Expect(stalled is null || (string?)stalled["reason"] == "InvalidSpec", news, $"status says that something is in the way: {stalled?["message"]}");
    }

    private void TakeDeployment(Known agent, ObjectEvent news)
    {
        var before = agent.Replicas.Values.Sum();
        if (news.IsRemoval)
        {
            Expect(!agent.IsAlive || agent.Replicas.Count > 1, news, "the Deployment of a live agent was removed");
            agent.Replicas.Remove(news.Key.Name);
        }
        else
        {
            agent.Replicas[news.Key.Name] = Replicas(news.After);
            Expect(agent.Replicas.Count <= 2, news, "there are more than two Deployments of one agent");
            agent.Rendered.Add(CanonicalJson.Digest((JsonObject)news.After.Value["spec"]!["template"]!)); // The operator writes it always.
            Expect(agent.Rendered.Count <= agent.Templates, news, "pods are replaced though nothing of them changed");
        }

        var after = agent.Replicas.Values.Sum();
        agent.IsByHand = after != before ? news.Manager != Operator : agent.IsByHand;
        agent.AtStart = agent.IsByHand ? 0 : agent.AtStart;
        if (agent.IsAlive && after < before && news.Manager == Operator)
        {
            var least = Math.Max(agent.Declared.Min(), time.GetElapsedTime(_startedAt) < Fresh ? agent.AtStart : 0);
            Expect(after >= least, news, $"replicas went from {before} to {after}, though {agent.Declared.Min()} are declared and {agent.AtStart} ran when the operator began to work");
        }

        if (after == agent.Declared[0])
        {
            agent.Declared = [agent.Declared[0]];
        }
    }

    private void Expect(bool holds, ObjectEvent news, string otherwise)
    {
        if (!holds)
        {
            Breaches.Enqueue($"{news.Key} at version {news.Version} by {news.Manager}: {otherwise}");
        }
    }

    private sealed class Known
    {
        public bool IsAlive { get; set; } = true;

        /// <summary>Least replicas by the newest manifest, and by the one before while that may still be followed.</summary>
        public ImmutableArray<int> Declared { get; set; } = [];

        /// <summary>Pod templates that were asked for so far.</summary>
        public int Templates { get; set; }

        /// <summary>Pod templates that were rendered so far.</summary>
        public HashSet<string> Rendered { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Replicas { get; } = new(StringComparer.Ordinal);

        public int Tokens { get; set; }

        /// <summary>Whether it was somebody else who set the number of replicas last.</summary>
        public bool IsByHand { get; set; }

        /// <summary>Replicas when the present operator started; zero: there is a reason to have fewer.</summary>
        public int AtStart { get; set; }
    }
}
