using System.Collections.Frozen;

namespace InferenceOperator.Local.Endpoint;

/// <summary>The agents that the endpoint knows, by name. One writer; readers on any thread.</summary>
internal sealed class RouteTable
{
    /// <summary>What the paths of all models begin with.</summary>
    public const string ModelsPrefix = "/v2/models/";

    private volatile FrozenDictionary<string, AgentRoute> _routes = FrozenDictionary<string, AgentRoute>.Empty;

    /// <summary>All routes, by agent name in ordinal order.</summary>
    public IEnumerable<AgentRoute> All => _routes.Values.OrderBy(route => route.Agent, StringComparer.Ordinal);

    /// <summary>Adds a route.</summary>
    public void Add(AgentRoute route) =>
        _routes = _routes.Values.Append(route).ToFrozenDictionary(each => each.Agent, StringComparer.Ordinal);

    /// <summary>Removes a route; requests inside it are answered.</summary>
    public void Remove(string agent) =>
        _routes = _routes.Values.Where(route => route.Agent != agent).ToFrozenDictionary(each => each.Agent, StringComparer.Ordinal);

    /// <summary>True when <paramref name="path"/> is under <c>/v2/models/</c>, with the model's name in it.</summary>
    public static bool TryReadModel(string path, out ReadOnlySpan<char> model)
    {
        model = default;
        if (!path.StartsWith(ModelsPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = path.AsSpan(ModelsPrefix.Length);
        var slash = rest.IndexOf('/');
        model = slash < 0 ? rest : rest[..slash];
        return !model.IsEmpty;
    }

    /// <summary>The route for a model's name, or null.</summary>
    public AgentRoute? Find(ReadOnlySpan<char> model) =>
        _routes.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(model, out var route) ? route : null;
}
