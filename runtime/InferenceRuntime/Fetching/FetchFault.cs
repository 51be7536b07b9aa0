namespace InferenceRuntime.Fetching;

/// <summary>Why a model was not brought.</summary>
internal enum FetchFault
{
    /// <summary>The server could not be reached, cut off, or asks for patience; another try may help.</summary>
    Unreachable,

    /// <summary>It took longer than it may; another try goes on where this one ended.</summary>
    TimedOut,

    /// <summary>There is no such file.</summary>
    NotFound,

    /// <summary>The credentials are missing, wrong, or do not suffice.</summary>
    Denied,

    /// <summary>The server's address, or a redirect, is not one from which models may come.</summary>
    SourceRefused,

    /// <summary>The server answers what cannot be the file.</summary>
    BadReply,

    /// <summary>The file has another SHA-256 than was pinned.</summary>
    DigestMismatch,

    /// <summary>The model is larger than allowed.</summary>
    TooLarge,

    /// <summary>The store has no room for it.</summary>
    NoSpace,

    /// <summary>What was brought is no ONNX model, or one whose external data cannot be brought.</summary>
    NotAModel,

    /// <summary>The store or what it was told cannot be used.</summary>
    StoreUnusable,
}
