using System.Collections.Immutable;

namespace InferenceOperator.Manifests;

/// <summary>The manifest files behind a path: the file itself, or the <c>*.yaml</c> and <c>*.yml</c> files of a folder, not of those below it.</summary>
internal static class ManifestFolder
{
    /// <summary>Files of one folder that are read; more are refused.</summary>
    public const int FilesMax = 1000;

    /// <summary>Reads all texts, in the order of their names. What cannot be read is said in the text's place.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<ImmutableArray<ManifestText>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var texts = ImmutableArray.CreateBuilder<ManifestText>();
        var files = Files(path, out var fault);
        foreach (var file in files)
        {
            texts.Add(await ReadFileAsync(file, cancellationToken).ConfigureAwait(false));
        }

        if (fault is not null)
        {
            texts.Add(new ManifestText(path, "", fault));
        }

        return texts.ToImmutable();
    }

    private static List<string> Files(string path, out string? fault)
    {
        fault = null;
        try
        {
            if (!Directory.Exists(path))
            {
                fault = File.Exists(path) ? null : "there is no such file or folder";
                return fault is null ? [path] : [];
            }

            var files = Directory.EnumerateFiles(path)
                .Where(file => Path.GetExtension(file) is ".yaml" or ".yml")
                .Order(StringComparer.Ordinal)
                .Take(FilesMax + 1)
                .ToList();
            fault = files.Count > FilesMax ? $"more than {FilesMax} manifest files; the rest is not read" : null;
            return files.Count > FilesMax ? files[..FilesMax] : files;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fault = exception.Message;
            return [];
        }
    }

    private static async Task<ManifestText> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(file).Length > YamlReader.TextLengthMax
                ? new ManifestText(file, "", $"the file is over {YamlReader.TextLengthMax} bytes")
                : new ManifestText(file, await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new ManifestText(file, "", exception.Message);
        }
    }
}
