namespace InferenceOperator.Kubernetes.Caching;

/// <summary>How an object in the cache changed.</summary>
public abstract record ObjectChange<T>
{
    private ObjectChange()
    {
    }

    public abstract ObjectKey Key { get; }

    public sealed record Added(ApiObject<T> New) : ObjectChange<T>
    {
        public override ObjectKey Key => New.Key;
    }

    public sealed record Updated(ApiObject<T> Old, ApiObject<T> New) : ObjectChange<T>
    {
        public override ObjectKey Key => New.Key;
    }

    /// <summary>The object is gone; its last known state, which may be older than the deletion.</summary>
    public sealed record Deleted(ApiObject<T> Old) : ObjectChange<T>
    {
        public override ObjectKey Key => Old.Key;
    }
}
