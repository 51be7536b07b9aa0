using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace InferenceOperator.Kubernetes.Leases;

/// <summary>How the Leases of a group are called.</summary>
/// <param name="Group">Name of the only shard's Lease, and start of all others.</param>
/// <param name="Shards">Into how many shards the work is divided, at least 1.</param>
internal sealed record LeaseNames(string Group, int Shards)
{
    private string AnyMemberStart => $"{Group}-member-";

    private string MemberStart => string.Create(CultureInfo.InvariantCulture, $"{AnyMemberStart}{Shards}-");

    /// <summary>The Lease of a shard; it says of how many, so that two divisions are never taken for one.</summary>
    public string Shard(int index) => Shards == 1 ? Group : string.Create(CultureInfo.InvariantCulture, $"{Group}-{index}-of-{Shards}");

    /// <summary>The Lease by which a replica says that it is there; another division has others, for its members take no shards of this one.</summary>
    public string Member(string identity) => MemberStart + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)).AsSpan(0, 8));

    /// <summary>Whether a replica of whatever division says by it that it is there.</summary>
    public bool IsAnyMember(string lease) => lease.StartsWith(AnyMemberStart, StringComparison.Ordinal);

    /// <summary>Whether a replica of this division says by it that it is there.</summary>
    public bool IsMember(string lease) => lease.StartsWith(MemberStart, StringComparison.Ordinal);
}
