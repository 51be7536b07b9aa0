namespace InferenceRuntime.Caching;

/// <summary>The form in which a replica gives cached responses to another.</summary>
/// <remarks>
/// Little-endian. Head: eight bytes that name the form and its version, the 32 bytes of the model file's SHA-256. Then responses, the
/// hottest first: length of the key (u32, above 0), the key as <see cref="Core.Caching.RequestKeys"/> writes it, compute time
/// (f64, microseconds), age (f64, seconds), and for each output of the model its rank (u8; 255: not wanted, nothing follows), dimensions
/// (i64 each), number of bytes (i32) and bytes. A length of 0 ends the stream; without it the stream was cut.
/// </remarks>
internal static class CacheStream
{
    public const int HashBytes = 32;
    public const byte NotWanted = 255;

    public static ReadOnlySpan<byte> Form => "IRCACHE1"u8;
}
