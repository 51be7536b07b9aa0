using InferenceOperator.Kubernetes.Transport;

namespace InferenceOperator.Kubernetes.Caching;

/// <summary>What an informer keeps.</summary>
public sealed record InformerOptions<T>
{
    /// <summary>Which objects. Default: all of them.</summary>
    public ResourceScope Scope { get; init; } = ResourceScope.All;

    /// <summary>
    /// What of each object is kept in memory; the default keeps it as read. A narrow <typeparamref name="T"/> is cheaper still.
    /// </summary>
    public Func<T, T> Keep { get; init; } = static value => value;

    /// <summary>Pauses between tries while the API server cannot be reached or ends watches at once.</summary>
    internal Backoff Backoff { get; init; } = new(TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));
}
