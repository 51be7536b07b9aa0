using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Tests.Fuzzing;

/// <summary>Tries one body on the parser and holds what comes of it against what is promised.</summary>
internal static class ParserCheck
{
    /// <summary>Most that parsing allocates beside a multiple of the body: pooled arrays that are new, and one error text.</summary>
    private const long AllocatedMax = 64 << 10;

    /// <summary>True when the body was accepted.</summary>
    public static bool Try(InferCall call, byte[] body, int? headerLength)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fault = InferRequestParser.Parse(body, headerLength, call);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        try
        {
            Assert.True(allocated <= AllocatedMax + (4L * body.Length), $"{allocated} bytes allocated for a body of {body.Length}");
            if (fault is not null)
            {
                Assert.InRange(fault.Status, 400, 499);
                ErrorText.AssertTellsNothingInternal(fault.Message);
                return false;
            }

            AssertSound(call);
            return true;
        }
        finally
        {
            call.Clear();
        }
    }

    /// <summary>What the engine is promised of every request.</summary>
    private static void AssertSound(InferCall call)
    {
        var signature = call.Model.Signature;
        Assert.True(call.Rows >= 1 && call.OutputsWanted != 0, "rows and outputs");
        var bytes = 0L;
        for (var i = 0; i < call.Inputs.Length; i++)
        {
            var (spec, input) = (signature.Inputs[i], call.Inputs[i]);
            bytes += input.Bytes.Length;
            Assert.Equal(-1, TensorShape.FirstMisfit(input.Shape.Span, spec.Shape));
            Assert.True(!signature.Batched || input.Shape.Span[0] == call.Rows, "rows of an input");
            var elements = TensorShape.Elements(input.Shape.Span);
            Assert.True(elements >= 0, "elements");
            Assert.Equal(elements, spec.Datatype == Datatype.Bytes ? BytesElements.Count(input.Bytes.Span) : input.Bytes.Length / spec.Datatype.ElementSize());
        }

        Assert.Equal(bytes, call.Bytes);
    }
}
