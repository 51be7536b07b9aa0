using System.Security.Cryptography;
using System.Text;

namespace InferenceRuntime.Transport.Access;

/// <summary>A bearer token by its SHA-256, which has one length for all and so hides the token's.</summary>
internal sealed class BearerToken
{
    /// <summary>Longest token, characters; a longer one is wrong.</summary>
    public const int LengthMax = 4096;

    private const string Scheme = "Bearer ";

    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];

    /// <param name="token">At most <see cref="LengthMax"/> characters.</param>
    public BearerToken(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = stackalloc byte[4 * LengthMax];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], _hash);
    }

    /// <summary>The token in the value of an <c>Authorization</c> header; null when it carries none, or one that is too long.</summary>
    public static BearerToken? Of(string? authorization) =>
        authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && authorization.Length <= Scheme.Length + LengthMax
            ? new BearerToken(authorization.AsSpan(Scheme.Length).Trim())
            : null;

    /// <summary>True for the same token; takes a time that does not depend on where they differ.</summary>
    public bool IsSame(BearerToken other) => CryptographicOperations.FixedTimeEquals(_hash, other._hash);
}
