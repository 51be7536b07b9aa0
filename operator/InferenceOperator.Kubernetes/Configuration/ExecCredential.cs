using System.Text.Json.Serialization;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>What a credential plugin prints (<c>client.authentication.k8s.io</c>).</summary>
internal sealed record ExecCredential(string? ApiVersion, string? Kind, ExecCredentialStatus? Status);

internal sealed record ExecCredentialStatus(string? Token, DateTimeOffset? ExpirationTimestamp, string? ClientCertificateData, string? ClientKeyData);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecCredential))]
internal sealed partial class ExecCredentialJson : JsonSerializerContext;
