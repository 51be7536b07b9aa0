namespace InferenceRuntime.Core.Serving;

/// <summary>Where a version of a model stands, as the protocol's repository index names it.</summary>
public enum ModelState
{
    /// <summary>Being read, compiled or warmed.</summary>
    Loading,

    /// <summary>Answers.</summary>
    Ready,

    /// <summary>Takes no new requests; those inside are being answered.</summary>
    Unloading,

    /// <summary>Not loaded, or its load failed.</summary>
    Unavailable,
}
