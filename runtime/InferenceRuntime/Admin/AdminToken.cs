using System.Text;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Admin;

/// <summary>The bearer token of the admin port. The file is read for each question, so that a rotated secret counts at once.</summary>
/// <param name="path">File that holds the token in its first <see cref="BearerToken.LengthMax"/> bytes; white space round it is not part of it.</param>
internal sealed class AdminToken(string path)
{
    /// <summary>True when the header carries the token; compared in time that does not depend on where they differ.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public bool Admits(string? authorization)
    {
        var expected = Read();
        return expected.Length > 0 && BearerToken.Of(authorization) is { } given && given.IsSame(new BearerToken(expected));
    }

    private string Read()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> buffer = stackalloc byte[BearerToken.LengthMax];
        return Encoding.UTF8.GetString(buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)]).Trim();
    }
}
