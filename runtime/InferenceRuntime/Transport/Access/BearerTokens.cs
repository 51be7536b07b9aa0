using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace InferenceRuntime.Transport.Access;

/// <summary>The bearer tokens that a data port takes, from a file with one on each line; followed. Thread safe.</summary>
/// <remarks>
/// Several lines are several valid tokens, so that one can be rotated without a gap. Empty lines and white space round a token do not count.
/// Tokens are compared by their hashes, every one of them, in time that depends neither on which of them fits nor on where they differ.
/// </remarks>
internal sealed class BearerTokens
{
    /// <summary>Most tokens of a file.</summary>
    public const int CountMax = 64;

    /// <summary>Longest token, characters; a longer one is wrong.</summary>
    public const int LengthMax = 4096;

    private const string Scheme = "Bearer ";

    private readonly FollowedFiles<Hashes> _hashes;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="InvalidDataException">The file holds no token, or too many.</exception>
    public BearerTokens(string path, TimeProvider clock, ILogger logger) =>
        _hashes = new FollowedFiles<Hashes>([path], static contents => Parse(contents[0]), clock, logger);

    /// <summary>True when the value of an <c>Authorization</c> header carries one of the tokens.</summary>
    public bool Admits(string? authorization)
    {
        var tokens = _hashes.Current.Tokens;
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || authorization.Length > Scheme.Length + LengthMax)
        {
            return false;
        }

        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(authorization.AsSpan(Scheme.Length).Trim(), given);
        var fits = false;
        foreach (var token in tokens)
        {
            fits |= CryptographicOperations.FixedTimeEquals(given, token);
        }

        return fits;
    }

    private static void Hash(ReadOnlySpan<char> token, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[4 * LengthMax];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], hash);
    }

    private static Hashes Parse(byte[] content)
    {
        var tokens = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (tokens.Length is 0 or > CountMax || tokens.Any(static t => t.Length > LengthMax))
        {
            throw new InvalidDataException($"not 1 to {CountMax} tokens of at most {LengthMax} characters, one a line");
        }

        return new Hashes(
        [
            .. tokens.Select(static token =>
            {
                var hash = new byte[SHA256.HashSizeInBytes];
                Hash(token, hash);
                return hash;
            }),
        ]);
    }

    private sealed record Hashes(ImmutableArray<byte[]> Tokens);
}
