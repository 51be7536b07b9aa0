using System.Text;
using Microsoft.Net.Http.Headers;

namespace InferenceRuntime.Transport;

/// <summary>Makes Kestrel read <c>Content-Length</c> as the standard has it: digits and nothing else.</summary>
/// <remarks>
/// Source: RFC 9110, 8.6. Kestrel also takes a sign; whoever stands before it and reads the same length as none, or as another, would
/// end the request elsewhere. It asks for the encoding of each header by its name, which is the only look at the bytes that there is: in this one a byte that is no digit
/// is a letter, which Kestrel answers with 400. Thread safe.
/// </remarks>
internal sealed class PlainLength : Encoding
{
    /// <summary>Most characters that Kestrel makes room for; one more than any length has.</summary>
    private const int CharsMax = 20;

    private static readonly PlainLength Instance = new();

    /// <summary>The encoding of a header; null for Kestrel's own.</summary>
    public static Encoding? For(string header) => header == HeaderNames.ContentLength ? Instance : null;

    public override int GetChars(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        var length = Math.Min(Math.Min(bytes.Length, CharsMax), chars.Length);
        for (var i = 0; i < length; i++)
        {
            chars[i] = char.IsAsciiDigit((char)bytes[i]) ? (char)bytes[i] : 'x';
        }

        return length;
    }

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        GetChars(bytes.AsSpan(byteIndex, byteCount), chars.AsSpan(charIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => Math.Min(count, CharsMax);

    public override int GetMaxCharCount(int byteCount) => Math.Min(byteCount, CharsMax);

    public override int GetByteCount(char[] chars, int index, int count) => count;

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        ASCII.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetMaxByteCount(int charCount) => charCount;
}
