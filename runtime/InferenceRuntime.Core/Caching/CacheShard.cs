using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Core.Caching;

/// <summary>A part of the cache under a lock of its own. Thread safe.</summary>
internal sealed class CacheShard(IEvictionPolicy policy, long bytesMax)
{
    private readonly Lock _gate = new();

    // All below are guarded by _gate, and the policy too.
    private readonly ResponseTable _table = new();
    private long _responseBytes;
    private long _evictions;

    public CachedResponse? Find(UInt128 hash, InferenceRequest request, long storedAfter)
    {
        CachedResponse? response;
        lock (_gate)
        {
            response = _table.Find(hash);
            if (response is not null && response.StoredAt < storedAfter)
            {
                RemoveLocked(response);
                return null;
            }
        }

        // Keys never change: long ones are compared outside the lock.
        if (response is null || !RequestKeys.Matches(response.Key, request))
        {
            return null;
        }

        lock (_gate)
        {
            if (_table.Find(hash) == response)
            {
                response.Hits = response.Hits == int.MaxValue ? int.MaxValue : response.Hits + 1;
                policy.Hit(response);
            }
        }

        return response;
    }

    public void Store(CachedResponse response)
    {
        if (response.Bytes > bytesMax)
        {
            return;
        }

        lock (_gate)
        {
            if (_table.Find(response.Hash) is { } before)
            {
                RemoveLocked(before);
            }

            _table.Add(response);
            _responseBytes += response.Bytes;
            policy.Insert(response);
            while (BytesLocked > bytesMax && policy.Evict() is { } victim)
            {
                ForgetLocked((CachedResponse)victim);
                _evictions++;
            }
        }
    }

    public CacheContent Content()
    {
        lock (_gate)
        {
            return new CacheContent(_table.Count, BytesLocked, _evictions);
        }
    }

    public void CopyTo(List<CachedResponse> list)
    {
        lock (_gate)
        {
            _table.CopyTo(list);
        }
    }

    private long BytesLocked => _responseBytes + _table.TableBytes + policy.OverheadBytes;

    private void RemoveLocked(CachedResponse response)
    {
        policy.Remove(response);
        ForgetLocked(response);
    }

    private void ForgetLocked(CachedResponse response)
    {
        _table.Remove(response);
        _responseBytes -= response.Bytes;
    }
}
