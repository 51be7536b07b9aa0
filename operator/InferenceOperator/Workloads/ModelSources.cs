using System.Collections.Immutable;
using System.Net;

namespace InferenceOperator.Workloads;

/// <summary>The list of what is not public and may give models all the same; what fetches them judges by it.</summary>
internal static class ModelSources
{
    /// <summary>Checks that each is an address, a network, or a host name that may begin with <c>*.</c></summary>
    /// <param name="option">The option, for the message.</param>
    /// <param name="given">As given.</param>
    /// <exception cref="FormatException">One is none of these.</exception>
    public static ImmutableArray<string> Read(string option, IEnumerable<string> given)
    {
        var sources = given.Distinct(StringComparer.Ordinal).ToImmutableArray();
        return sources.FirstOrDefault(static source => !IPNetwork.TryParse(source, out _) && !IPAddress.TryParse(source, out _) && !IsName(source)) is { } wrong
            ? throw new FormatException($"{option}: '{wrong}' is not an address, a network such as 10.96.0.0/12, or a host name such as minio.storage.svc or *.models.example")
            : sources;
    }

    private static bool IsName(string text) =>
        text.Length <= 253 && text.Any(char.IsAsciiLetter) && (text.StartsWith("*.", StringComparison.Ordinal) ? text[2..] : text).Split('.').All(static label =>
            label.Length is > 0 and <= 63 && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && label[0] != '-');
}
