using System.Security.Cryptography;
using System.Text;

namespace InferenceOperator.Cluster.Children;

/// <summary>Names of the objects that serve one agent.</summary>
/// <remarks>
/// A Service's name is a DNS-1035 label of at most 63 characters. An agent whose name is one, and leaves room for suffixes,
/// lends it unchanged; any other name is made one and gets eight digits of its SHA-256, so that two agents never meet.
/// </remarks>
internal sealed record ChildNames
{
    /// <summary>Longest <see cref="Base"/>; the longest suffix has nine characters.</summary>
    public const int BaseLengthMax = 52;

    private const int DigestLength = 8;

    // A DNS label.
    private const int ServiceLengthMax = 63;

    private ChildNames(string @base) => Base = @base;

    /// <summary>Name of the Deployment and the Service, and the value of the label that selects the pods.</summary>
    public string Base { get; }

    /// <summary>Name of the Deployment of one side of a roll-out; null: the first, called <see cref="Base"/>.</summary>
    public string Deployment(string? side) => side is null ? Base : $"{Base}-{side}";

    /// <summary>Name of the ConfigMap with the settings of one side's replicas.</summary>
    public string Settings(string? side) => Deployment(side) + "-settings";

    /// <summary>Name of the ConfigMap with what was learned.</summary>
    public string Learned => Base + "-learned";

    /// <summary>Name of the Secret with the token of the admin port.</summary>
    public string AdminToken => Base + "-admin";

    /// <summary>Name of the Service that gives the addresses of the ready replicas themselves.</summary>
    public string Headless => Base + "-headless";

    /// <summary>Name of the Service that stands for every ready replica: with a digest, because another agent's may be called like it otherwise.</summary>
    public string Peers
    {
        get
        {
            const string suffix = "-peers-";
            var room = ServiceLengthMax - suffix.Length - DigestLength;
            return (Base.Length <= room ? Base : Base[..room].TrimEnd('-')) + suffix + Digest(Base);
        }
    }

    /// <summary>Everything that the operator ever makes for an agent, but for the Secret, and for other sides of roll-outs than the first.</summary>
    public IEnumerable<(ChildKind Kind, string Name)> All =>
    [
        (ChildKind.ConfigMap, Settings(null)),
        (ChildKind.Service, Base),
        (ChildKind.Service, Headless),
        (ChildKind.Service, Peers),
        (ChildKind.ServiceAccount, Base),
        (ChildKind.NetworkPolicy, Base),
        (ChildKind.Deployment, Base),
        (ChildKind.PodDisruptionBudget, Base),
        (ChildKind.PodMonitor, Base),
        (ChildKind.PrometheusRule, Base),
    ];

    /// <param name="agent">Name of the agent, as the API server accepted it.</param>
    public static ChildNames Of(string agent)
    {
        if (agent.Length <= BaseLengthMax && char.IsAsciiLetterLower(agent[0]) && agent.All(c => c != '.'))
        {
            return new(agent);
        }

        var label = agent.Replace('.', '-');
        label = char.IsAsciiLetterLower(label[0]) ? label : "ia-" + label;
        var room = BaseLengthMax - DigestLength - 1;
        label = label.Length <= room ? label : label[..room];
        return new($"{label.TrimEnd('-')}-{Digest(agent)}");
    }

    private static string Digest(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..DigestLength];
}
