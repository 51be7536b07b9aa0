namespace InferenceOperator.Local.Endpoint;

/// <summary>What the endpoint says of the agents behind it. Called on any thread.</summary>
internal interface IEndpointPages
{
    /// <summary>The body of <c>GET /agents</c>, UTF-8 JSON.</summary>
    byte[] AgentsJson();

    /// <summary>The body of <c>GET /metrics</c>, Prometheus text format.</summary>
    string MetricsText();
}
