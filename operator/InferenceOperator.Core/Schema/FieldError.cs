namespace InferenceOperator.Core.Schema;

/// <summary>What is wrong with one field of a manifest.</summary>
/// <param name="Path">Where, as kubectl writes it: <c>spec.slo.latency.target</c>, <c>spec.template.env[0].name</c>.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record FieldError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
