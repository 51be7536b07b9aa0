using System.Buffers.Text;

namespace InferenceOperator.Local.Endpoint;

/// <summary>The line before each chunk of a chunked body (RFC 9112 §7.1): its size in hexadecimal, then extensions.</summary>
internal static class ChunkLine
{
    /// <exception cref="IOException">The line does not begin with a size of at most eight hexadecimal digits.</exception>
    public static long ParseSize(ReadOnlyMemory<byte> line)
    {
        var text = line.Span;
        if (!Utf8Parser.TryParse(text, out uint size, out var used, 'x')
            || (used < text.Length && text[used] is not ((byte)';' or (byte)' ' or (byte)'\t')))
        {
            throw new IOException("the size of a chunk of the reply cannot be read");
        }

        return size;
    }
}
