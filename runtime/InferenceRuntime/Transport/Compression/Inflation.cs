namespace InferenceRuntime.Transport.Compression;

/// <summary>How unpacking ended.</summary>
internal enum Inflation
{
    /// <summary>All of it came out.</summary>
    Whole,

    /// <summary>More came out than is taken.</summary>
    TooLong,

    /// <summary>More came out for each byte that went in than is taken: a bomb.</summary>
    TooDense,

    /// <summary>The budget of all bodies is taken.</summary>
    NoRoom,

    /// <summary>It is not whole and sound.</summary>
    Damaged,
}
