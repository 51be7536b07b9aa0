namespace InferenceOperator.Kubernetes;

/// <summary>What a watch reports, in the order in which it happened.</summary>
public abstract record WatchEvent<T>
{
    private WatchEvent()
    {
    }

    /// <summary>The object came into the scope of the watch.</summary>
    public sealed record Added(ApiObject<T> Object) : WatchEvent<T>;

    public sealed record Modified(ApiObject<T> Object) : WatchEvent<T>;

    /// <summary>The object left the scope of the watch; its last state.</summary>
    public sealed record Deleted(ApiObject<T> Object) : WatchEvent<T>;

    /// <summary>Nothing happened up to this resource version, from which a later watch may start.</summary>
    public sealed record Bookmark(string ResourceVersion) : WatchEvent<T>;
}
