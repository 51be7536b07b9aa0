namespace InferenceOperator.Local.Endpoint;

/// <summary>What is said to a client that asks for an agent that there is not.</summary>
internal static class UnknownAgent
{
    private const int NameCharactersMax = 100;
    private const int AgentsNamedMax = 20;

    /// <summary>Says so, and which agents there are.</summary>
    public static string Say(string name, RouteTable routes)
    {
        var known = string.Join(", ", routes.All.Select(route => route.Agent).Take(AgentsNamedMax));
        var hint = known.Length == 0 ? "no agent is served" : $"the agents are: {known}";
        return $"there is no agent '{(name.Length > NameCharactersMax ? name[..NameCharactersMax] : name)}'; {hint}";
    }
}
