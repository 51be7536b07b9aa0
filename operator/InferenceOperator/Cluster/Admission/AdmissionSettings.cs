using System.Collections.Immutable;
using System.Net;

namespace InferenceOperator.Cluster.Admission;

/// <summary>How the admission webhook is served.</summary>
internal sealed record AdmissionSettings
{
    /// <summary>Port unless told otherwise.</summary>
    public const int DefaultPort = 9443;

    /// <summary>Name of the ValidatingWebhookConfiguration, of the Service in front of the operator, and of the Secret that holds the certificates.</summary>
    public required string Name { get; init; }

    /// <summary>Namespace of the Service and the Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>Where it listens; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Any, DefaultPort);

    /// <summary>Host names and addresses that the certificate is good for; at least one. Default: what the API server calls the Service.</summary>
    public ImmutableArray<string> ServerNames
    {
        get => field.IsDefault ? [$"{Name}.{Namespace}.svc"] : field;
        init;
    }
}
