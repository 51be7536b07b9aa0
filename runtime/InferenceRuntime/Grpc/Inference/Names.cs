using System.Collections.Immutable;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>Finds the names of a signature.</summary>
internal static class Names
{
    /// <summary>The index of the name, UTF-8, or −1.</summary>
    public static int Find(ReadOnlySpan<byte> name, ImmutableArray<byte[]> names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (name.SequenceEqual(names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
