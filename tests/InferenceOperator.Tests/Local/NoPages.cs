using InferenceOperator.Local.Endpoint;

namespace InferenceOperator.Tests.Local;

/// <summary>Pages of an endpoint that nobody reads.</summary>
internal sealed class NoPages : IEndpointPages
{
    public byte[] AgentsJson() => "{}"u8.ToArray();

    public string MetricsText() => "";
}
