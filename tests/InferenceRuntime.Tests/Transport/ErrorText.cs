using System.Text.Json;
using System.Text.RegularExpressions;

namespace InferenceRuntime.Tests.Transport;

/// <summary>What no error text may hold, whatever was asked.</summary>
internal static partial class ErrorText
{
    /// <summary>Longest text.</summary>
    public const int LengthMax = 1000;

    /// <summary>Fails when a refusal tells something of the inside: a path, a type, a stack trace, a file of source code.</summary>
    public static void AssertTellsNothingInternal(string text)
    {
        Assert.InRange(text.Length, 1, LengthMax);
        Assert.False(Internal().IsMatch(Quoted().Replace(text, "")), text);
        Assert.DoesNotContain(text, char.IsControl);
    }

    /// <summary>The text of a refusal's body, checked.</summary>
    public static string Read(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var property = Assert.Single(document.RootElement.EnumerateObject().ToList());
        Assert.Equal("error", property.Name);
        var text = property.Value.GetString()!;
        AssertTellsNothingInternal(text);
        return text;
    }

    /// <summary>What the client itself wrote is repeated in quotes.</summary>
    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(^|[\s(:])/\w|[A-Z]:\\|\b(System|Microsoft|InferenceRuntime|Google)\.\w|Exception|\bat \w+\.\w+|\.cs\b|\.dll\b|\.so\b|0x[0-9a-fA-F]{6,}")]
    private static partial Regex Internal();
}
