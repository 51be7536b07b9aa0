using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Children;

/// <summary>Whether a cluster can mount models that lie in container images.</summary>
internal static class ModelImages
{
    /// <summary>Why it cannot; null: it can, or nothing is asked of it. A server whose feature is off refuses the pods itself.</summary>
    public static string? Problem(AgentSpec spec, ServerVersion server) =>
        server is not ({ Major: > 1 } or { Major: 1, Minor: >= 31 }) && AgentModels.InImages(spec).Select(static model => (model.Field, model.Model.Uri)).FirstOrDefault() is { Uri: { } uri } first
            ? $"{first.Field}.uri: {uri} lies in a container image, which Kubernetes mounts from version 1.31 on with the feature ImageVolume; this server is {server.Text}"
            : null;

    /// <summary>Secrets with which the images are pulled.</summary>
    public static IEnumerable<string> PullSecrets(AgentSpec spec) =>
        AgentModels.InImages(spec).Select(static model => model.Model.Auth?.SecretName).OfType<string>().Distinct(StringComparer.Ordinal);
}
