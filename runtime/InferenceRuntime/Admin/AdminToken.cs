using System.Security.Cryptography;
using System.Text;

namespace InferenceRuntime.Admin;

/// <summary>The bearer token of the admin port. The file is read for each question, so that a rotated secret counts at once.</summary>
/// <param name="path">File that holds the token; white space round it is not part of it.</param>
internal sealed class AdminToken(string path)
{
    /// <summary>Longest token file, bytes.</summary>
    public const int LengthMax = 4096;

    private const string Scheme = "Bearer ";

    /// <summary>True when the header carries the token; compared in time that does not depend on where they differ.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public bool Admits(string? authorization)
    {
        var expected = Read();
        if (expected.Length == 0 || authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Hashes have one length, which hides the token's.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()));
        return CryptographicOperations.FixedTimeEquals(given, SHA256.HashData(Encoding.UTF8.GetBytes(expected)));
    }

    private string Read()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> buffer = stackalloc byte[LengthMax];
        return Encoding.UTF8.GetString(buffer[..file.ReadAtLeast(buffer, LengthMax, throwOnEndOfStream: false)]).Trim();
    }
}
