using System.Text.Json;

namespace InferenceOperator.Decisions;

/// <summary>The agent that a person asks for: <c>NAMESPACE/NAME</c>, or <c>NAME</c> in whatever namespace.</summary>
/// <param name="text">As it was written.</param>
internal sealed class AgentName(string text)
{
    /// <summary>True when it stands for this key, <c>namespace/name</c>.</summary>
    public bool Matches(string key) =>
        text.Contains('/', StringComparison.Ordinal) ? key == text : key.EndsWith($"/{text}", StringComparison.Ordinal);

    /// <summary>False when the line is surely of another agent; a line that cannot be read may be of any.</summary>
    public bool MayMatch(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var record = JsonDocument.Parse(line);
            return record.RootElement.ValueKind != JsonValueKind.Object
                || !record.RootElement.TryGetProperty("basis", out var basis)
                || basis.ValueKind != JsonValueKind.Object
                || !basis.TryGetProperty("agent", out var agent)
                || agent.ValueKind != JsonValueKind.String
                || Matches(agent.GetString()!); // A string.
        }
        catch (JsonException)
        {
            return true;
        }
    }

    public override string ToString() => text;
}
