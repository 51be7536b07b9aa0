using System.Collections.Immutable;
using System.Text.Json;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Decisions.Explain;

/// <summary>Finds decisions in a log, or agents in the output of <c>kubectl get -o json</c>, and explains them.</summary>
/// <param name="question">Which.</param>
/// <param name="output">Gets the explanations.</param>
/// <param name="errors">Gets what is wrong.</param>
internal sealed class ExplainRun(ExplainQuestion question, TextWriter output, TextWriter errors)
{
    /// <summary>Most bytes of an agent's JSON.</summary>
    private const int JsonBytesMax = 16 << 20;

    private readonly Queue<DecisionRecord> _found = new();
    private readonly SortedSet<string> _agents = new(StringComparer.Ordinal);
    private DateTimeOffset? _first;
    private long _unread;
    private int? _unknownRules;

    /// <summary>Explains what is asked for.</summary>
    /// <returns>True when there was something to explain.</returns>
    /// <exception cref="IOException">The input cannot be read.</exception>
    public async Task<bool> RunAsync(string name, Stream stream, CancellationToken cancellationToken)
    {
        var lines = new LogReader(stream).ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (lines.ConfigureAwait(false))
        {
            var any = await lines.MoveNextAsync().ConfigureAwait(false);
            if (any && IsAgent(lines.Current))
            {
                return await ExplainAgentsAsync(name, lines).ConfigureAwait(false);
            }

            for (; any; any = await lines.MoveNextAsync().ConfigureAwait(false))
            {
                Take(lines.Current);
            }
        }

        return await ExplainFoundAsync(name).ConfigureAwait(false);
    }

    private void Take(LogLine line)
    {
        try
        {
            if (!line.IsWhole)
            {
                throw new JsonException("too long");
            }

            using var json = JsonDocument.Parse(line.Bytes);
            var (rules, basis) = (json.RootElement.GetProperty("rules").GetInt32(), json.RootElement.GetProperty("basis"));
            var (agent, at) = (basis.GetProperty("agent").GetString() ?? "", basis.GetProperty("at").GetDateTimeOffset());
            if (question.Agent?.Matches(agent) == false)
            {
                return;
            }

            _agents.Add(agent);
            _first ??= at;
            if (rules is < DecisionRules.Oldest or > DecisionRules.Current)
            {
                _unknownRules = rules;
            }
            else if (question.At is not { } until || at <= until)
            {
                _found.Enqueue(DecisionRules.Read(line.Bytes.Span));
                while (_found.Count > (question.Last ?? 1))
                {
                    _found.Dequeue();
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            _unread++;
        }
    }

    private async Task<bool> ExplainFoundAsync(string name)
    {
        if (_unread > 0)
        {
            await errors.WriteLineAsync($"{name}: {_unread} lines could not be read; 'inference-operator replay {name}' says why").ConfigureAwait(false);
        }

        if (_unknownRules is { } rules)
        {
            await errors.WriteLineAsync($"{name}: passed over decisions made by rules {rules}, which this release does not know").ConfigureAwait(false);
        }

        var complaint = _agents.Count > 1 ? $"{name} tells of several agents; name one with --agent: {string.Join(", ", _agents)}"
            : _found.Count > 0 ? null
            : _first is { } first && question.At is { } at && first > at ? $"{name} begins only at {Figures.Instant(first)}; an older file may be beside it"
            : question.Agent is { } agent ? $"{name} holds no decision on {agent}"
            : $"{name} holds no decision";
        if (complaint is not null)
        {
            await errors.WriteLineAsync(complaint).ConfigureAwait(false);
            return false;
        }

        await output.WriteAsync(string.Join("\n", _found.Select(Explanation.Of))).ConfigureAwait(false);
        return true;
    }

    /// <summary>True when the input is an object over many lines, as kubectl writes it, or one that says what it is.</summary>
    private static bool IsAgent(LogLine line)
    {
        try
        {
            using var json = JsonDocument.Parse(line.Bytes);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("kind", out _);
        }
        catch (JsonException)
        {
            return line.Bytes.Span.TrimEnd("\r "u8).SequenceEqual("{"u8);
        }
    }

    private async Task<bool> ExplainAgentsAsync(string name, IAsyncEnumerator<LogLine> lines)
    {
        using var text = new MemoryStream();
        do
        {
            text.Write(lines.Current.Bytes.Span);
            text.WriteByte((byte)'\n');
        }
        while (text.Length <= JsonBytesMax && await lines.MoveNextAsync().ConfigureAwait(false));

        try
        {
            var agents = Agents(text.GetBuffer().AsMemory(0, (int)text.Length)).Where(a => question.Agent?.Matches(a.Key()) != false).ToList();
            if (agents.Count == 0)
            {
                await errors.WriteLineAsync($"{name} holds no InferenceAgent{(question.Agent is { } agent ? $" {agent}" : "")}").ConfigureAwait(false);
                return false;
            }

            await output.WriteAsync(string.Join("\n", agents.Select(a => StatusExplanation.Of(a, question.Last ?? AgentStatus.DecisionsMax)))).ConfigureAwait(false);
            return true;
        }
        catch (JsonException e)
        {
            await errors.WriteLineAsync($"{name} is neither a log of decisions nor the JSON of an InferenceAgent: {e.Message}").ConfigureAwait(false);
            return false;
        }
    }

    private static ImmutableArray<InferenceAgent> Agents(ReadOnlyMemory<byte> text)
    {
        using var json = JsonDocument.Parse(text);
        return json.RootElement.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray().Select(Agent).OfType<InferenceAgent>()]
            : [.. new[] { Agent(json.RootElement) }.OfType<InferenceAgent>()];
    }

    private static InferenceAgent? Agent(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() == ResourceNames.Kind
            ? json.Deserialize(AgentJson.Default.InferenceAgent)
            : null;
}
