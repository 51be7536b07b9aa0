using System.Collections.Immutable;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Manifests;

/// <summary>One manifest, or one file, that cannot be taken.</summary>
/// <param name="Key">The agent's key when the manifest names one; null when not even that can be read.</param>
/// <param name="File">The file.</param>
/// <param name="Line">Where, from 1.</param>
/// <param name="Errors">What is wrong; at least one.</param>
internal sealed record ManifestFault(string? Key, string File, int Line, ImmutableArray<FieldError> Errors)
{
    /// <summary>One line per error: <c>file(line): path: message</c>.</summary>
    public required ImmutableArray<string> Lines { get; init; }
}
