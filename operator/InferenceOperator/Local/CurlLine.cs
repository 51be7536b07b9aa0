using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace InferenceOperator.Local;

/// <summary>A <c>curl</c> command that asks a model for one row and works as pasted.</summary>
internal static class CurlLine
{
    /// <summary>Values of all inputs up to which they are written out as JSON; above, zeros are sent in binary.</summary>
    public const int ValuesWrittenMax = 256;

    /// <summary>Makes the line from the model's metadata.</summary>
    /// <param name="endpoint">The endpoint's root.</param>
    /// <param name="agent">The agent's name.</param>
    /// <param name="metadata">The reply of <c>GET /v2/models/NAME</c>.</param>
    /// <returns>The line, or null when the metadata cannot be read.</returns>
    public static string? For(Uri endpoint, string agent, string metadata)
    {
        if (Inputs(metadata) is not { Count: > 0 } inputs)
        {
            return null;
        }

        var url = new Uri(endpoint, $"/v2/models/{agent}/infer");
        var total = inputs.Sum(input => input.Values);
        return total <= ValuesWrittenMax && inputs.All(input => input.Datatype is not ("FP16" or "BF16"))
            ? $"curl -s {url} -d '{Request(inputs, binary: false)}'"
            : inputs.Any(input => input.Datatype == "BYTES") ? null : Binary(url, inputs);
    }

    private static string Binary(Uri url, List<Input> inputs)
    {
        var json = Request(inputs, binary: true);
        var zeros = inputs.Sum(input => input.Values * input.Bytes);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{ printf '%s' '{json}'; head -c {zeros} /dev/zero; }} | curl -s {url} -H 'Inference-Header-Content-Length: {Encoding.UTF8.GetByteCount(json)}' --data-binary @-");
    }

    private static string Request(List<Input> inputs, bool binary)
    {
        var array = new JsonArray();
        foreach (var input in inputs)
        {
            var tensor = new JsonObject
            {
                ["name"] = input.Name,
                ["shape"] = new JsonArray([.. input.Shape.Select(length => (JsonNode)JsonValue.Create(length))]),
                ["datatype"] = input.Datatype,
            };
            if (binary)
            {
                tensor["parameters"] = new JsonObject { ["binary_data_size"] = input.Values * input.Bytes };
            }
            else
            {
                tensor["data"] = new JsonArray([.. Enumerable.Range(0, (int)input.Values).Select(i => Value(input.Datatype, i))]);
            }

            array.Add(tensor);
        }

        // The default encoder writes a single quote as \u0027, so the text cannot end the shell's quoted word.
        return new JsonObject { ["inputs"] = array }.ToJsonString();
    }

    // Floats get a pattern, so that the answer is not that to nothing; integers stay 0, which every index range has.
    private static JsonValue Value(string datatype, int index) => datatype switch
    {
        "BOOL" => JsonValue.Create(false),
        "BYTES" => JsonValue.Create("a"),
        "FP32" or "FP64" => JsonValue.Create(index * 7 % 17),
        _ => JsonValue.Create(0),
    };

    private static List<Input>? Inputs(string metadata)
    {
        try
        {
            var inputs = (JsonNode.Parse(metadata) as JsonObject)?["inputs"] as JsonArray;
            var read = inputs?.Select(Read).OfType<Input>().ToList();
            return read?.Count == inputs?.Count ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Input? Read(JsonNode? node)
    {
        if (node is not JsonObject fields || Text(fields, "name") is not { } name || Text(fields, "datatype") is not { } datatype || fields["shape"] is not JsonArray shape)
        {
            return null;
        }

        // An axis of any length becomes one row.
        var lengths = shape.Select(length => length is JsonValue value && value.TryGetValue(out long number) ? Math.Max(1, number) : 1).ToArray();
        return new Input(name, datatype, lengths);
    }

    private static string? Text(JsonObject fields, string name) =>
        fields[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private sealed record Input(string Name, string Datatype, long[] Shape)
    {
        public long Values => Shape.Aggregate(1L, static (product, length) => product * length);

        public long Bytes => Datatype switch
        {
            "BOOL" or "INT8" or "UINT8" => 1,
            "INT16" or "UINT16" or "FP16" or "BF16" => 2,
            "INT32" or "UINT32" or "FP32" => 4,
            _ => 8,
        };
    }
}
