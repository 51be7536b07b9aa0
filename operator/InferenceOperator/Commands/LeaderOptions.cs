using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Leases;

namespace InferenceOperator.Commands;

/// <summary>The options by which several replicas of the operator agree on who works.</summary>
internal sealed class LeaderOptions
{
    /// <summary>Names the Leases; the same in all versions, or two of them would not know of each other.</summary>
    public const string Group = "inference-operator";

    private readonly Option<bool?> _elect = new("--leader-elect") { Description = "Work only while holding a Lease, so that several replicas may run. [default: true in a pod, else false]" };
    private readonly Option<string?> _namespace = new("--leader-elect-namespace") { Description = "Namespace of the Lease. [default: that of the pod or kubeconfig]" };
    private readonly Option<string?> _identity = new("--leader-elect-identity") { Description = "Start of the name under which the Lease is held; a random end is added. [default: the host's name]" };
    private readonly Option<int> _shards = new("--shards") { Description = "Divide the agents into so many shards, each with a Lease of its own, over all replicas; 1 to 64.", DefaultValueFactory = static _ => 1 };

    public void AddTo(Command command)
    {
        command.Options.Add(_elect);
        command.Options.Add(_namespace);
        command.Options.Add(_identity);
        command.Options.Add(_shards);
    }

    /// <summary>Null: no Lease is asked for.</summary>
    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    public LeaseOptions? Read(ParseResult parsed, KubernetesConfig config)
    {
        var shards = parsed.GetValue(_shards);
        if (shards is < 1 or > LeaseOptions.ShardsMax)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--shards {shards}: 1 to {LeaseOptions.ShardsMax} are possible"));
        }

        if (!(parsed.GetValue(_elect) ?? config.IsInCluster))
        {
            return shards == 1 ? null : throw new FormatException("--shards needs --leader-elect: shards are divided by Leases");
        }

        return new LeaseOptions
        {
            Namespace = parsed.GetValue(_namespace) ?? config.Namespace,
            Group = Group,
            Identity = $"{parsed.GetValue(_identity) ?? Environment.MachineName}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}",
            Shards = shards,
        };
    }
}
