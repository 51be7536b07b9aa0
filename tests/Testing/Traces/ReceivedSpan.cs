namespace InferenceOperator.Testing;

/// <summary>A span as it came over OTLP.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="SpanId">16 hexadecimal digits.</param>
/// <param name="ParentId">16 hexadecimal digits; empty for the root of a trace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">1 internal, 2 server, 3 client.</param>
/// <param name="State">The trace's <c>tracestate</c>; empty for none.</param>
/// <param name="StartedAt">Nanoseconds since 1970.</param>
/// <param name="EndedAt">Nanoseconds since 1970.</param>
/// <param name="IsError">Whether its status is Error.</param>
/// <param name="Attributes">Texts, truth values, integers (long) and numbers (double) by name.</param>
/// <param name="Links">Trace and span that it is linked with.</param>
/// <param name="Resource">The attributes of the program that sent it.</param>
public sealed record ReceivedSpan(
    string TraceId,
    string SpanId,
    string ParentId,
    string Name,
    int Kind,
    string State,
    ulong StartedAt,
    ulong EndedAt,
    bool IsError,
    IReadOnlyDictionary<string, object> Attributes,
    IReadOnlyList<(string TraceId, string SpanId)> Links,
    IReadOnlyDictionary<string, object> Resource)
{
    /// <summary>This span as others are linked with it.</summary>
    public (string TraceId, string SpanId) Id => (TraceId, SpanId);

    /// <summary>An attribute's value; null where there is none.</summary>
    public object? this[string attribute] => Attributes.GetValueOrDefault(attribute);
}
