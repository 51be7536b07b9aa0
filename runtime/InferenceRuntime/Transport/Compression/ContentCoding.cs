namespace InferenceRuntime.Transport.Compression;

/// <summary>How the bytes of a body are packed (RFC 9110, section 8.4.1).</summary>
internal enum ContentCoding
{
    Identity,

    /// <summary>RFC 1952.</summary>
    Gzip,

    /// <summary>RFC 1950: deflated data in the zlib format, as the standard defines the name.</summary>
    Deflate,
}
