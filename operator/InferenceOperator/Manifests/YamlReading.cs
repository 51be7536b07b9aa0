using System.Collections.Immutable;

namespace InferenceOperator.Manifests;

/// <summary>What came of reading a YAML text.</summary>
/// <param name="Documents">Its documents, in order; those before a fault.</param>
/// <param name="Fault">The fault that ended the reading, or null.</param>
internal sealed record YamlReading(ImmutableArray<YamlDocument> Documents, YamlFault? Fault);
