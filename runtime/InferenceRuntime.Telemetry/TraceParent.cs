using System.Buffers;
using System.Diagnostics;
using System.Globalization;

namespace InferenceRuntime.Telemetry;

/// <summary>The header <c>traceparent</c> of a request, read without allocating.</summary>
/// <param name="Header">The header's value, in the form of the standard; null when there is none that counts.</param>
/// <param name="IsSampled">Whether the caller records the trace.</param>
/// <param name="Randomness">The low 64 bits of the trace's id.</param>
/// <remarks>Source: W3C Trace Context (https://www.w3.org/TR/trace-context/). What is malformed counts as absent, as the standard asks.</remarks>
public readonly record struct TraceParent(string? Header, bool IsSampled, ulong Randomness)
{
    /// <summary>Name of the header; over gRPC of the metadata too.</summary>
    public const string Name = "traceparent";

    /// <summary>Name of the header that vendors keep what is theirs in.</summary>
    public const string StateName = "tracestate";

    /// <summary>Longest tracestate that is kept, characters: what the standard asks for at least.</summary>
    public const int StateLengthMax = 512;

    private const int Length = 55;
    private const int TraceAt = 3;
    private const int SpanAt = 36;
    private const int FlagsAt = 53;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads the header's value.</summary>
    /// <param name="header">The value; null where the header is missing or stands more than once.</param>
    public static TraceParent Read(string? header)
    {
        if (header is null || header.Length < Length || !IsWellFormed(header))
        {
            return default;
        }

        return new TraceParent(
            header,
            (byte.Parse(header.AsSpan(FlagsAt, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) & 1) != 0,
            ulong.Parse(header.AsSpan(TraceAt + 16, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    /// <summary>The caller's span, of a trace that is recorded; the default where there is no caller.</summary>
    /// <param name="state">The header <c>tracestate</c>; left out when it is too long or not of printable characters.</param>
    public ActivityContext Recorded(string? state) => Header is null ? default : new ActivityContext(
        ActivityTraceId.CreateFromString(Header.AsSpan(TraceAt, 32)),
        ActivitySpanId.CreateFromString(Header.AsSpan(SpanAt, 16)),
        ActivityTraceFlags.Recorded,
        IsKept(state) ? state : null,
        isRemote: true);

    private static bool IsWellFormed(ReadOnlySpan<char> header)
    {
        var version = header[..2];
        var trace = header.Slice(TraceAt, 32);
        var span = header.Slice(SpanAt, 16);
        return AreDigits(version) && version is not "ff"
            && header[2] == '-' && header[SpanAt - 1] == '-' && header[FlagsAt - 1] == '-'
            && AreDigits(trace) && trace.ContainsAnyExcept('0')
            && AreDigits(span) && span.ContainsAnyExcept('0')
            && AreDigits(header.Slice(FlagsAt, 2))
            && (header.Length == Length || (version is not "00" && header[Length] == '-'));
    }

    private static bool AreDigits(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(Digits);

    private static bool IsKept(string? state) =>
        !string.IsNullOrEmpty(state) && state.Length <= StateLengthMax && !state.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
