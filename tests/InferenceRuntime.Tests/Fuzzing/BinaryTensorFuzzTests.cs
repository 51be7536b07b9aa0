using System.Buffers.Binary;
using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport.Parsing;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Fuzzing;

/// <summary>Bodies whose JSON and binary tensors agree, and disagree in every way that arithmetic allows.</summary>
public sealed class BinaryTensorFuzzTests(ITestOutputHelper output)
{
    private static readonly ModelSignature Many = EchoEngine.Model(
        batched: true, ("f", Datatype.Fp32, [-1, 2]), ("h", Datatype.Fp16, [-1, -1]), ("b", Datatype.Bool, [-1]), ("s", Datatype.Bytes, [-1]), ("l", Datatype.Int64, [-1, 3]));

    private static readonly ModelSignature[] Single =
    [
        EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1, 2])), EchoEngine.Model(batched: true, ("x", Datatype.Bytes, [-1, -1])),
        EchoEngine.Model(batched: false, ("x", Datatype.Int64, [-1, -1])), EchoEngine.Model(batched: false, ("x", Datatype.Bf16, [])),
    ];

    private static readonly string[] Lengths =
        ["0", "1", "2", "3", "-1", "2147483647", "2147483648", "4294967295", "4294967296", "4611686018427387904", "9223372036854775807", "9223372036854775808", "1.5", "\"2\"", "null"];

    [Fact]
    public void Lengths_and_shapes_that_lie_never_reach_beyond_the_body()
    {
        var calls = (InferCall[])[new(new ServedModel(Many)), .. Single.Select(static s => new InferCall(new ServedModel(s)))];
        var accepted = 0;

        var cases = new FuzzRun(output, "binary tensors").Run(60_000, random =>
        {
            var call = calls[random.Next(calls.Length)];
            var (json, tail) = Draw(random, call.Model.Signature, honest: random.Next(4) == 0);
            var raw = random.Next(12) == 0;
            byte[] body = raw ? tail : [.. Encoding.UTF8.GetBytes(json), .. tail];
            var length = raw ? 0 : random.Next(30) == 0 ? random.Next(body.Length + 8) : body.Length - tail.Length;
            accepted += ParserCheck.Try(call, body, length) ? 1 : 0;
        });

        Assert.True(cases < 100 || (accepted > cases / 20 && accepted < cases / 2), $"{accepted} of {cases} accepted");
    }

    private static (string Json, byte[] Tail) Draw(Random random, ModelSignature signature, bool honest)
    {
        var rows = random.Next(1, 4);
        var inputs = new List<string>();
        var tail = new List<byte>();
        foreach (var spec in signature.Inputs)
        {
            long[] shape = [.. spec.Shape.Select((d, axis) => d >= 0 ? d : signature.Batched && axis == 0 ? rows : random.Next(0, 3))];
            var bytes = Content(random, spec.Datatype, (int)TensorShape.Elements(shape));
            var dimensions = shape.Select(d => honest || random.Next(6) > 0 ? $"{d}" : Lengths[random.Next(Lengths.Length)]).ToList();
            if (!honest && random.Next(10) == 0)
            {
                dimensions.Add(Lengths[random.Next(Lengths.Length)]);
            }

            var size = honest || random.Next(5) > 0 ? $"{bytes.Length}" : Lengths[random.Next(Lengths.Length)];
            if (honest || random.Next(20) > 0)
            {
                inputs.Add($$"""{"name":"{{spec.Name}}","datatype":"{{spec.Datatype.WireName()}}","shape":[{{string.Join(',', dimensions)}}],"parameters":{"binary_data_size":{{size}} } }""");
                tail.AddRange(bytes);
            }
        }

        if (!honest && random.Next(6) == 0 && tail.Count > 0)
        {
            tail.RemoveRange(random.Next(tail.Count), 1);
        }

        return ($$"""{"inputs":[{{string.Join(',', inputs)}}],"parameters":{"binary_data_output":{{(random.Next(2) == 0 ? "true" : "false")}} } }""", [.. tail]);
    }

    /// <summary>The elements; texts with lengths of which some point anywhere.</summary>
    private static byte[] Content(Random random, Datatype datatype, int elements)
    {
        if (datatype != Datatype.Bytes)
        {
            var fixedSize = new byte[elements * datatype.ElementSize()];
            random.NextBytes(fixedSize);
            return fixedSize;
        }

        var content = new List<byte>();
        for (var i = 0; i < elements; i++)
        {
            var text = new byte[random.Next(6)];
            random.NextBytes(text);
            var length = new byte[BytesElements.PrefixSize];
            BinaryPrimitives.WriteUInt32LittleEndian(length, random.Next(12) == 0 ? (uint)random.NextInt64(uint.MaxValue) : (uint)text.Length);
            content.AddRange(length);
            content.AddRange(text);
        }

        return [.. content];
    }
}
