using System.Runtime.InteropServices;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Caching;

/// <summary>A number that equal requests share, from a few of their words: cheap where hashing all of them would not pay.</summary>
internal static class RequestSample
{
    private const int WordsMax = 16;
    private const ulong Odd = 0x9E37_79B9_7F4A_7C15;

    public static ulong Of(InferenceRequest request, ulong seed)
    {
        var sum = seed ^ request.OutputsWanted;
        foreach (var input in request.Inputs)
        {
            var bytes = input.Bytes.Span;
            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            sum = Mix(sum, (ulong)bytes.Length);
            for (var i = 0; i < words.Length; i += Math.Max(1, words.Length / WordsMax))
            {
                sum = Mix(sum, words[i]);
            }

            foreach (var single in bytes[(words.Length * sizeof(ulong))..])
            {
                sum = Mix(sum, single);
            }
        }

        return sum >> 32;
    }

    private static ulong Mix(ulong sum, ulong word)
    {
        var mixed = (sum ^ word) * Odd;
        return mixed ^ (mixed >> 29);
    }
}
