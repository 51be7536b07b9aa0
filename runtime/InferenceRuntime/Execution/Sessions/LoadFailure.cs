using InferenceRuntime.Onnx;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>Says why ONNX Runtime does not load a model, in words fit for a condition.</summary>
internal static class LoadFailure
{
    private static readonly string[] UnknownMarks = ["is not a registered function/op", "No Op registered for", "No opset registered for"];

    /// <summary>Explains an error text of session creation.</summary>
    /// <param name="message">The text.</param>
    /// <param name="summary">The model's file: names the node where the text does not.</param>
    public static string Explain(string message, OnnxSummary summary)
    {
        var text = RunFailure.Clean(message);
        if (Between(text, "Could not find an implementation for ", " node with name '") is { } kernel)
        {
            // "Erf(13)": the version is that of the kernel that was looked for.
            var name = kernel.Split('(')[0];
            var node = Between(text, " node with name '", "'");
            var use = summary.Operators.FirstOrDefault(use => use.Name == name) ?? new OperatorUse(OnnxFile.DefaultDomain, name, string.Empty);
            return $"operator {name} of domain {use.Domain}, node '{node ?? use.Node}', has no implementation for these types on the processor";
        }

        if (UnknownMarks.Any(mark => text.Contains(mark, StringComparison.Ordinal)))
        {
            foreach (var use in summary.Operators)
            {
                if (Words(text).Contains(use.Name))
                {
                    return $"operator {use.Name} of domain {use.Domain}, node '{use.Node}', is not known to ONNX Runtime";
                }
            }
        }

        return $"ONNX Runtime does not load it: {text}";
    }

    private static string[] Words(string text) =>
        text.Split([' ', ':', '(', ')', ',', '\''], StringSplitOptions.RemoveEmptyEntries);

    private static string? Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        start += before.Length;
        var end = text.IndexOf(after, start, StringComparison.Ordinal);
        return end < 0 ? null : text[start..end];
    }
}
