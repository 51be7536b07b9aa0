using System.Collections.Immutable;
using System.Text.Json;

namespace InferenceOperator.Cluster.Pools;

/// <summary>The part of a ResourceQuota that the operator looks at.</summary>
internal sealed record QuotaState
{
    public QuotaSpecState Spec { get; set; } = new();

    /// <summary>Whether it counts every pod of its namespace; one with scopes counts only some.</summary>
    public bool CountsAllPods => (Spec.Scopes.IsDefaultOrEmpty) && Spec.ScopeSelector is null;

    /// <summary>The part of its spec.</summary>
    internal sealed record QuotaSpecState
    {
        public ImmutableSortedDictionary<string, string>? Hard { get; set; }
        public ImmutableArray<string> Scopes { get; set; } = [];
        public JsonElement? ScopeSelector { get; set; }
    }
}
