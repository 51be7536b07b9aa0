using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Replay;

namespace InferenceOperator.Decisions;

/// <summary>Decides every line of decision logs again, and says what does not come out the same.</summary>
/// <param name="agent">Only lines of this agent; null: of all.</param>
/// <param name="output">Gets a finding per line, and the counts at the end.</param>
internal sealed class ReplayRun(AgentName? agent, TextWriter output)
{
    /// <summary>Lines that are told about; the others are only counted.</summary>
    private const int FindingsMax = 100;

    private readonly DecisionReplay _replay = new();
    private ReplayCounts _counts = new();
    private int _findings;

    /// <summary>Takes one log.</summary>
    /// <param name="name">For people.</param>
    /// <param name="stream">The log.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task TakeAsync(string name, Stream stream, CancellationToken cancellationToken)
    {
        await foreach (var line in new LogReader(stream).ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (agent?.MayMatch(line.Bytes) != false)
            {
                await TakeAsync(string.Create(CultureInfo.InvariantCulture, $"{name}:{line.Number}"), Verdict(line)).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Says how it ended.</summary>
    public async Task<ReplayCounts> EndAsync()
    {
        if (_findings > FindingsMax)
        {
            await output.WriteLineAsync($"… and {_findings - FindingsMax} more lines").ConfigureAwait(false);
        }

        await output.WriteLineAsync(_counts.ToString()).ConfigureAwait(false);
        return _counts;
    }

    private ReplayVerdict Verdict(LogLine line) => line.IsWhole
        ? _replay.Of(line.Bytes.Span)
        : new ReplayVerdict.Damaged($"it is longer than {LogReader.LineBytesMax} bytes");

    private async Task TakeAsync(string place, ReplayVerdict verdict)
    {
        switch (verdict)
        {
            case ReplayVerdict.Same:
                _counts = _counts with { Same = _counts.Same + 1 };
                break;
            case ReplayVerdict.Different different:
                _counts = _counts with { Different = _counts.Different + 1 };
                await TellAsync([$"{place}: another decision comes out", .. Fields(different)]).ConfigureAwait(false);
                break;
            case ReplayVerdict.UnknownRules unknown:
                _counts = _counts with { UnknownRules = _counts.UnknownRules + 1 };
                await TellAsync([$"{place}: made by rules {unknown.Rules}; this release knows {Known}"]).ConfigureAwait(false);
                break;
            case ReplayVerdict.Cut:
                _counts = _counts with { Cut = _counts.Cut + 1 };
                await TellAsync([$"{place}: cut short; the operator was stopped while it wrote this"]).ConfigureAwait(false);
                break;
            case ReplayVerdict.Damaged damaged:
                _counts = _counts with { Damaged = _counts.Damaged + 1 };
                await TellAsync([$"{place}: damaged: {damaged.Detail}"]).ConfigureAwait(false);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private static string Known => DecisionRules.Oldest == DecisionRules.Current ? $"{DecisionRules.Current}" : $"{DecisionRules.Oldest} to {DecisionRules.Current}";

    private static IEnumerable<string> Fields(ReplayVerdict.Different different)
    {
        if (different.Count == 0)
        {
            yield return "  the same values, written in another way";
        }

        foreach (var field in different.Fields)
        {
            yield return $"  {field.Path}: recorded {field.Recorded ?? "nothing"}, decided {field.Decided ?? "nothing"}";
        }

        if (different.Count > different.Fields.Length)
        {
            yield return $"  … and {different.Count - different.Fields.Length} more fields";
        }
    }

    private async Task TellAsync(IReadOnlyList<string> lines)
    {
        if (++_findings > FindingsMax)
        {
            return;
        }

        foreach (var line in lines)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }
    }
}
