using System.Globalization;

namespace InferenceRuntime.Models;

/// <summary>A version as it lies in a repository's folder.</summary>
/// <param name="Number">At least 1.</param>
/// <param name="Path">Of its model file, without links.</param>
internal sealed record ModelVersion(ulong Number, string Path)
{
    /// <summary>As the protocol writes it.</summary>
    public string Text => Number.ToString(CultureInfo.InvariantCulture);
}
