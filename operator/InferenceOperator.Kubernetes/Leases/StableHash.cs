namespace InferenceOperator.Kubernetes.Leases;

/// <summary>A hash that is the same in every process and version: FNV-1a, 64 bits (Fowler, Noll, Vo), with a final mix so that all bits depend on all.</summary>
internal static class StableHash
{
    public static ulong Of(params ReadOnlySpan<string> parts)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var part in parts)
        {
            foreach (var character in part)
            {
                hash = (hash ^ character) * 0x100000001b3;
            }

            hash = (hash ^ '/') * 0x100000001b3;
        }

        // The finalizer of MurmurHash3.
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
