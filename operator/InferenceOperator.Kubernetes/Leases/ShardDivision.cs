using System.Collections.Immutable;

namespace InferenceOperator.Kubernetes.Leases;

/// <summary>Which shard a key belongs to, and which replica should have which shard.</summary>
public static class ShardDivision
{
    /// <summary>The shard of a key, from 0 to <paramref name="shards"/> - 1; the same in every process.</summary>
    public static int Of(ObjectKey key, int shards) => shards == 1 ? 0 : (int)(StableHash.Of(key.Namespace, key.Name) % (ulong)shards);

    /// <summary>
    /// The shards that a member should have: rendezvous hashing (Thaler and Ravishankar 1998) with a bound, so that nobody has more than
    /// its share rounded up. Members that see the same others come to the same division; a member that comes or goes moves few shards.
    /// </summary>
    /// <param name="self">The member.</param>
    /// <param name="members">All that are there; <paramref name="self"/> counts as one of them.</param>
    /// <param name="shards">How many shards there are.</param>
    internal static ImmutableHashSet<int> ShareOf(string self, IEnumerable<string> members, int shards)
    {
        var all = members.Append(self).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var most = (shards + all.Length - 1) / all.Length;
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var share = ImmutableHashSet.CreateBuilder<int>();
        for (var shard = 0; shard < shards; shard++)
        {
            var number = shard.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var owner = all.Where(member => counts.GetValueOrDefault(member) < most).MaxBy(member => StableHash.Of(number, member))!; // most * members >= shards: somebody has room.
            counts[owner] = counts.GetValueOrDefault(owner) + 1;
            if (owner == self)
            {
                share.Add(shard);
            }
        }

        return share.ToImmutable();
    }
}
