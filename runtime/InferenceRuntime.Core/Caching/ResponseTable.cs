namespace InferenceRuntime.Core.Caching;

/// <summary>Finds responses by hash: buckets chained through the responses. Not thread safe.</summary>
internal sealed class ResponseTable
{
    private CachedResponse?[] _buckets = new CachedResponse?[16];

    public int Count { get; private set; }

    public long TableBytes => HeldBytes.Array((long)_buckets.Length * IntPtr.Size);

    public CachedResponse? Find(UInt128 hash)
    {
        var response = _buckets[Bucket(hash)];
        while (response is not null && response.Hash != hash)
        {
            response = response.Next;
        }

        return response;
    }

    /// <summary>Adds a response whose hash is not there.</summary>
    public void Add(CachedResponse response)
    {
        if (Count == _buckets.Length)
        {
            Grow();
        }

        Link(response);
        Count++;
    }

    /// <summary>Takes out a response that is there.</summary>
    public void Remove(CachedResponse response)
    {
        ref var link = ref _buckets[Bucket(response.Hash)];
        if (link == response)
        {
            link = response.Next;
        }
        else
        {
            var before = link!; // The response is in this bucket.
            while (before.Next != response)
            {
                before = before.Next!; // As above.
            }

            before.Next = response.Next;
        }

        response.Next = null;
        Count--;
    }

    public void CopyTo(List<CachedResponse> list)
    {
        foreach (var first in _buckets)
        {
            for (var response = first; response is not null; response = response.Next)
            {
                list.Add(response);
            }
        }
    }

    private void Grow()
    {
        var all = new List<CachedResponse>(Count);
        CopyTo(all);
        _buckets = new CachedResponse?[2 * _buckets.Length];
        foreach (var response in all)
        {
            Link(response);
        }
    }

    private void Link(CachedResponse response)
    {
        ref var bucket = ref _buckets[Bucket(response.Hash)];
        response.Next = bucket;
        bucket = response;
    }

    private int Bucket(UInt128 hash) => (int)((ulong)hash & (ulong)(_buckets.Length - 1));
}
