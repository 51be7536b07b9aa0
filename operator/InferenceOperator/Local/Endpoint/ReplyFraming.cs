namespace InferenceOperator.Local.Endpoint;

/// <summary>How the end of a reply's body is known (RFC 9112 §6.3).</summary>
internal enum ReplyFraming
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>Content-Length says.</summary>
    Length,

    /// <summary>Chunks, the last one empty.</summary>
    Chunked,

    /// <summary>The connection's end.</summary>
    UntilClose,
}
