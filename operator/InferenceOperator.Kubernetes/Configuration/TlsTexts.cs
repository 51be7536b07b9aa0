namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>PEM texts at one moment; each is empty when there is none.</summary>
internal sealed record TlsTexts(string Authorities, string Certificate, string Key);
