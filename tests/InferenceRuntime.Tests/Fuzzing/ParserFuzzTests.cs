using System.Text;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Tests.Transport;
using InferenceRuntime.Transport.Parsing;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Fuzzing;

public sealed class ParserFuzzTests(ITestOutputHelper output)
{
    private static readonly ModelSignature Model = EchoEngine.Model(
        batched: true, ("x", Datatype.Fp32, [-1, 2]), ("n", Datatype.Int64, [-1]), ("s", Datatype.Bytes, [-1]));

    private static readonly string[] Seeds =
    [
        """{"id":"1","inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2.5e-3]},{"name":"n","shape":[1],"datatype":"INT64","data":[-9]},{"name":"s","shape":[1],"datatype":"BYTES","data":["a\u00e4"]}]}""",
        """{"inputs":[{"data":[[1,2],[3,4]],"name":"x","datatype":"FP32","shape":[2,2]},{"name":"n","shape":[2],"datatype":"INT64","parameters":{"binary_data_size":16}},{"name":"s","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}}],"outputs":[{"name":"x_out","parameters":{"binary_data":true}}],"parameters":{"timeout":5,"binary_data_output":true}}""",
    ];

    private static readonly string[] Fragments =
    [
        "[", "]", "{", "}", "\"", ",", ":", "-", "1e999", "9223372036854775808", "null", "true", "\\ud800", "\\", "NaN", "0", "[[[[", "18446744073709551616",
        "\"shape\":[4611686018427387904,4]", "\"binary_data_size\":-1", "\"data\":[]", "\"name\":\"x\"", "\"datatype\":\"BYTES\"", "\0", "\uFFFD",
    ];

    [Fact]
    public void Whatever_the_JSON_is_the_parser_answers_with_a_request_or_a_refusal()
    {
        var call = new InferCall(new ServedModel(Model));
        var accepted = 0;

        var cases = new FuzzRun(output, "JSON").Run(80_000, random =>
        {
            var (body, headerLength) = Mutate(random);
            accepted += ParserCheck.Try(call, body, headerLength) ? 1 : 0;
        });

        // Both answers have been seen, so the mutations are neither harmless nor hopeless.
        Assert.True(cases < 100 || (accepted > cases / 100 && accepted < cases / 2), $"{accepted} of {cases} accepted");
    }

    private static (byte[] Body, int? HeaderLength) Mutate(Random random)
    {
        var binary = random.Next(2);
        var json = new StringBuilder(Seeds[binary]);
        for (var edits = random.Next(4); edits > 0 && json.Length > 0; edits--)
        {
            var at = random.Next(json.Length);
            switch (random.Next(5))
            {
                case 0:
                    json.Remove(at, Math.Min(random.Next(1, 12), json.Length - at));
                    break;
                case 1:
                    json.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
                case 2:
                    json[at] = (char)random.Next(128);
                    break;
                case 3:
                    json.Length = at;
                    break;
                default:
                    var length = Math.Min(random.Next(1, 40), json.Length - at);
                    json.Insert(random.Next(json.Length), json.ToString(at, length));
                    break;
            }
        }

        var text = Encoding.UTF8.GetBytes(json.ToString());
        byte[] tensors = [.. new byte[16], 3, 0, 0, 0, 97, 98, 99, 0, 0, 0, 0];
        if (random.Next(3) == 0)
        {
            tensors[random.Next(tensors.Length)] = (byte)random.Next(256);
        }

        byte[] body = binary == 1 ? [.. text, .. tensors[..(random.Next(4) == 0 ? random.Next(tensors.Length) : tensors.Length)]] : text;
        return (body, binary == 1 || random.Next(10) == 0 ? (random.Next(8) == 0 ? random.Next(body.Length + 3) : text.Length) : null);
    }
}
