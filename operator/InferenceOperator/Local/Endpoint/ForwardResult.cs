namespace InferenceOperator.Local.Endpoint;

/// <summary>What became of a request at the endpoint; the values of the label <c>result</c>.</summary>
internal enum ForwardResult
{
    /// <summary>A replica's reply, whatever it says, was passed on.</summary>
    Answered,

    /// <summary>No replica was ready in time: 503.</summary>
    NoReplica,

    /// <summary>The endpoint holds as much as it may: 503.</summary>
    Full,

    /// <summary>The request's head or body is too large: 431 or 413.</summary>
    TooLarge,

    /// <summary>Two replicas, or one twice, broke the connection before they replied: 502.</summary>
    Broken,

    /// <summary>A replica said nothing for too long, before it replied: 504.</summary>
    Silent,

    /// <summary>A replica broke the connection, or fell silent, in the middle of a reply that had begun; the client's connection was cut.</summary>
    CutShort,

    /// <summary>The client went away first, or sent a malformed body.</summary>
    ClientGone,
}
