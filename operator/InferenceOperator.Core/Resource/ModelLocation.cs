using System.Diagnostics.CodeAnalysis;

namespace InferenceOperator.Core.Resource;

/// <summary>Where <see cref="ModelSpec.Uri"/> points.</summary>
public abstract record ModelLocation
{
    private ModelLocation()
    {
    }

    /// <summary>A file on this machine; only the local mode has it.</summary>
    /// <param name="Path">As written after <c>file://</c>; absolute, or relative to the manifest's folder.</param>
    public sealed record LocalFile(string Path) : ModelLocation;

    /// <summary>A file on a PersistentVolumeClaim of the agent's namespace.</summary>
    /// <param name="Claim">Name of the claim.</param>
    /// <param name="Path">Path inside the volume, relative, without <c>..</c>.</param>
    public sealed record VolumeClaim(string Claim, string Path) : ModelLocation;

    /// <exception cref="FormatException">The address is malformed; the message says how.</exception>
    public static ModelLocation Parse(string uri) => TryParse(uri, out var location, out var error) ? location : throw new FormatException(error);

    /// <param name="uri">The address as written.</param>
    /// <param name="location">The place, when true is returned.</param>
    /// <param name="error">What is wrong, when false is returned.</param>
    public static bool TryParse(string uri, [NotNullWhen(true)] out ModelLocation? location, [NotNullWhen(false)] out string? error)
    {
        const string file = "file://";
        const string claim = "pvc://";
        location = null;
        error = null;
        if (uri.StartsWith(file, StringComparison.Ordinal))
        {
            var path = uri[file.Length..];
            location = new LocalFile(path);
            error = path.Length > 0 ? null : $"'{uri}' names no file: write file:///path/model.onnx";
        }
        else if (uri.StartsWith(claim, StringComparison.Ordinal))
        {
            var slash = uri.IndexOf('/', claim.Length);
            var path = slash < 0 ? "" : uri[(slash + 1)..];
            location = slash < 0 ? null : new VolumeClaim(uri[claim.Length..slash], path);
            error = slash <= claim.Length || path.Length == 0
                ? $"'{uri}' needs a claim and a path: write pvc://claim/path/model.onnx"
                : path.Split('/').Any(part => part is "" or "." or "..") ? $"'{uri}' has an empty, '.' or '..' part in its path" : null;
        }
        else
        {
            error = $"'{uri}' starts with neither file:// nor pvc://, the two that are served";
        }

        location = error is null ? location : null;
        return location is not null;
    }
}
