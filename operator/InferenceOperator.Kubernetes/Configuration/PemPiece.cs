namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>A certificate or a key, given itself or as a file that something else may renew.</summary>
/// <param name="Origin">Where it stands, for messages.</param>
/// <param name="Inline">The text; empty when it is in a file, or there is none.</param>
/// <param name="Path">The file; empty when the text is given itself.</param>
internal sealed record PemPiece(string Origin, string Inline, string Path)
{
    /// <summary>There is none.</summary>
    public static PemPiece None { get; } = new("", "", "");

    public bool IsFile => Path.Length > 0;

    /// <summary>The text as it is now; empty when there is none.</summary>
    /// <exception cref="KubernetesConfigException">The file cannot be read.</exception>
    public string Read() => IsFile ? PemFiles.Text(Origin, Path) : Inline;
}
