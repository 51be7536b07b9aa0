using System.Collections.Immutable;
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

    private readonly FollowedFiles<Tokens> _tokens;

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="InvalidDataException">The file holds no token, or too many.</exception>
    public BearerTokens(string path, TimeProvider clock, ILogger logger) =>
        _tokens = new FollowedFiles<Tokens>([path], static contents => Parse(contents[0]), clock, logger);

    /// <summary>True when the value of an <c>Authorization</c> header carries one of the tokens.</summary>
    public bool Admits(string? authorization)
    {
        var tokens = _tokens.Current.All;
        if (BearerToken.Of(authorization) is not { } given)
        {
            return false;
        }

        var fits = false;
        foreach (var token in tokens)
        {
            fits |= token.IsSame(given);
        }

        return fits;
    }

    private static Tokens Parse(byte[] content)
    {
        var tokens = Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return tokens.Length is 0 or > CountMax || tokens.Any(static t => t.Length > BearerToken.LengthMax)
            ? throw new InvalidDataException($"not 1 to {CountMax} tokens of at most {BearerToken.LengthMax} characters, one a line")
            : new Tokens([.. tokens.Select(static token => new BearerToken(token))]);
    }

    private sealed record Tokens(ImmutableArray<BearerToken> All);
}
