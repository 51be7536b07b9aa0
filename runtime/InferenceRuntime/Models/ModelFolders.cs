using System.Collections.Immutable;
using System.Globalization;

namespace InferenceRuntime.Models;

/// <summary>Reads a folder of models: NAME/VERSION/model.onnx, and <see cref="ServeFrom"/> beside it. What is below must really lie there: links that lead out are passed over.</summary>
/// <param name="root">The folder.</param>
internal sealed class ModelFolders(string root)
{
    /// <summary>Models that are looked at, the first in the order of their names.</summary>
    public const int ModelsMax = 64;

    /// <summary>Versions of a model that are looked at, the newest.</summary>
    public const int VersionsMax = 16;

    /// <summary>Entries of one folder that are looked at.</summary>
    public const int EntriesMax = 1024;

    private const string ModelFile = "model.onnx";
    private const int LinksMax = 40;

    private readonly string _root = Canonical(Path.GetFullPath(root)) ?? Path.GetFullPath(root);

    /// <summary>True for a name that a model can be served under: 1 to 253 characters, no slash, no control characters.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= 253 && text is not ("." or "..") && !text.Contains('/', StringComparison.Ordinal) && !text.Any(char.IsControl);

    /// <summary>The names of the models in order. A folder that holds no version is none.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public FolderReading<string> Models()
    {
        var (found, passedOver) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        foreach (var name in Entries(_root, passedOver))
        {
            if (!IsName(name))
            {
                passedOver.Add($"{Printable(name)}: not a name of a model");
            }
            else if (found.Count == ModelsMax)
            {
                passedOver.Add($"{name}: more than {ModelsMax} models");
            }
            else if (Versions(name).Found.IsEmpty)
            {
                passedOver.Add($"{name}: no version in it");
            }
            else
            {
                found.Add(name);
            }
        }

        return new(found.ToImmutable(), passedOver.ToImmutable());
    }

    /// <summary>The versions of a model, the newest first; none when there is no such model.</summary>
    public FolderReading<ModelVersion> Versions(string name)
    {
        var (found, passedOver) = (new List<ModelVersion>(), ImmutableArray.CreateBuilder<string>());
        try
        {
            var folder = IsName(name) ? Inside(Path.Combine(_root, name)) : null;
            foreach (var entry in folder is not null && Directory.Exists(folder) ? Entries(folder, passedOver) : [])
            {
                if (!ulong.TryParse(entry, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    || number == 0 || number.ToString(CultureInfo.InvariantCulture) != entry)
                {
                    passedOver.Add($"{name}/{Printable(entry)}: not a version");
                }
                else if (ModelOf(Path.Combine(folder!, entry)) is not { } path)
                {
                    passedOver.Add($"{name}/{entry}: no {ModelFile} in it, or a link that leads out");
                }
                else if (!ServeFrom.TryRead(Path.Combine(folder!, entry), out var time))
                {
                    passedOver.Add($"{name}/{entry}: {ServeFrom.FileName} does not hold a time such as 2030-01-31T06:00:00Z");
                }
                else
                {
                    found.Add(new ModelVersion(number, path) { ServesFrom = time });
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            passedOver.Add($"{Printable(name)}: {e.Message}");
        }

        var newest = found.OrderByDescending(static v => v.Number).ToList();
        passedOver.AddRange(newest.Skip(VersionsMax).Select(v => $"{name}/{v.Text}: more than {VersionsMax} versions"));
        return new([.. newest.Take(VersionsMax)], passedOver.ToImmutable());
    }

    private static IEnumerable<string> Entries(string folder, ImmutableArray<string>.Builder passedOver)
    {
        var entries = Directory.EnumerateFileSystemEntries(folder).Take(EntriesMax + 1).Select(static e => Path.GetFileName(e)).ToList();
        if (entries.Count > EntriesMax)
        {
            entries.RemoveAt(EntriesMax);
            passedOver.Add($"more than {EntriesMax} entries in one folder");
        }

        return entries.Order(StringComparer.Ordinal);
    }

    private static string Printable(string name) => string.Concat(name.Select(static c => char.IsControl(c) ? '?' : c));

    // External data lies beside the model, so that nothing beside it may lead out either.
    private string? ModelOf(string version)
    {
        if (Inside(version) is not { } folder || !Directory.Exists(folder))
        {
            return null;
        }

        var entries = Directory.EnumerateFileSystemEntries(folder).Take(EntriesMax + 1).ToList();
        return entries.Count <= EntriesMax && entries.TrueForAll(e => Inside(e) is not null) && Inside(Path.Combine(folder, ModelFile)) is { } path && File.Exists(path)
            ? path
            : null;
    }

    private string? Inside(string path)
    {
        var real = Canonical(path);
        return real is not null && real.StartsWith(_root.TrimEnd('/') + '/', StringComparison.Ordinal) ? real : null;
    }

    /// <summary>The path with every link on it followed; null when the links go round in circles.</summary>
    private static string? Canonical(string path)
    {
        var links = 0;
        var real = "/";
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (left.TryPop(out var part))
        {
            if (part is "." or "..")
            {
                real = part == "." ? real : Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > LinksMax)
            {
                return null;
            }

            real = target.StartsWith('/') ? "/" : real;
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                left.Push(step);
            }
        }

        return real;
    }
}
