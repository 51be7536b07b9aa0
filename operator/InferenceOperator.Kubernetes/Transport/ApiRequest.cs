namespace InferenceOperator.Kubernetes.Transport;

/// <summary>One request to the API server; sent again as it is when a try fails in a way that allows it.</summary>
/// <param name="Path">Path and query, relative to the server's address.</param>
/// <param name="What">For error messages, such as <c>apply deployments.apps ads/ranker</c>.</param>
internal sealed record ApiRequest(HttpMethod Method, string Path, string What)
{
    public byte[]? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool Repeatable { get; init; } = true;
}
