namespace InferenceOperator.Manifests;

/// <summary>Why a text is not YAML that can be taken.</summary>
/// <param name="Line">Where, from 1.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record YamlFault(int Line, string Message);
