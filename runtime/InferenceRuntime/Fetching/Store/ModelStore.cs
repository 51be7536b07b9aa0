using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace InferenceRuntime.Fetching.Store;

/// <summary>A folder of models that several processes fill and read without locks: a model is there whole, or not at all.</summary>
/// <remarks>
/// <code>
/// models/NAME/model.onnx, external data beside it, and entry.json    never changed once there
/// partial/WRITER-…/                                                  what one writer is bringing
/// </code>
/// An entry comes to be by the renaming of a folder whose files are on the disk; of two that bring the same one, the second throws
/// its own away. Nothing follows a link in the store.
/// </remarks>
internal sealed class ModelStore
{
    /// <summary>Name of the model's own file in an entry.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>Name of the document that describes an entry.</summary>
    public const string EntryFile = "entry.json";

    /// <summary>Entries that are looked at when room is counted.</summary>
    private const int EntriesMax = 10_000;

    /// <summary>Age after which what another writer left is removed: longer than any fetch takes.</summary>
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(24);

    private readonly StoreOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly string _models;
    private readonly string _partial;

    private ModelStore(StoreOptions options, TimeProvider clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _models = Path.Combine(options.Folder, "models");
        _partial = Path.Combine(options.Folder, "partial");
    }

    /// <summary>Opens the store, makes it where it is not there, and removes what others left long ago.</summary>
    /// <exception cref="FetchException">The folder cannot be used.</exception>
    public static ModelStore Open(StoreOptions options, TimeProvider clock, ILogger logger)
    {
        var store = new ModelStore(options, clock, logger);
        try
        {
            foreach (var folder in (string[])[store._models, store._partial])
            {
                Directory.CreateDirectory(folder);
                if (IsLink(folder))
                {
                    throw new FetchException(FetchFault.StoreUnusable, $"the store's folder {folder} is a link");
                }
            }

            store.RemoveAbandoned();
            return store;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FetchException(FetchFault.StoreUnusable, $"the store {options.Folder} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Where an entry lies, whether or not it is there.</summary>
    public string FolderOf(string entry) => Path.Combine(_models, entry);

    /// <summary>Names of the entries that begin so.</summary>
    public IReadOnlyList<string> Find(string beginning) =>
        [.. Directory.EnumerateDirectories(_models, beginning + "*").Take(EntriesMax).Select(static folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

    /// <summary>What an entry says of itself; null: it is not there, or cannot be trusted.</summary>
    public StoredModel? Describe(string entry)
    {
        try
        {
            var folder = FolderOf(entry);
            var file = Path.Combine(folder, EntryFile);
            if (!Directory.Exists(folder) || IsLink(folder) || IsLink(file))
            {
                return null;
            }

            var model = JsonSerializer.Deserialize(File.ReadAllBytes(file), StoreJson.Default.StoredModel);
            return model is { Files: { IsDefaultOrEmpty: false } files } && files.All(IsSafe) ? model : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Reads an entry's files and compares them with what they should be; one that does not hold is removed.</summary>
    /// <returns>The entry, which is from now on in use; null: it is not there.</returns>
    public async Task<StoredModel?> UseAsync(string entry, CancellationToken cancellationToken)
    {
        if (Describe(entry) is not { } model || !EntryName.Fits(entry, model))
        {
            Discard(entry, "it is not whole, or not what its name says");
            return null;
        }

        foreach (var file in model.Files)
        {
            if (await HashAsync(entry, file, cancellationToken).ConfigureAwait(false) != file.Sha256)
            {
                Discard(entry, $"its file {file.Path} is damaged");
                return null;
            }
        }

        Touch(entry);
        return model;
    }

    /// <summary>A folder for what is being brought, with what this writer left there before.</summary>
    /// <param name="name">Tells it from others of this writer; a file name.</param>
    public string PartialFolder(string name)
    {
        var folder = Path.Combine(_partial, $"{_options.Writer}-{name}");
        Directory.CreateDirectory(folder);
        if (IsLink(folder))
        {
            throw new FetchException(FetchFault.StoreUnusable, $"{folder} is a link");
        }

        return folder;
    }

    /// <summary>Gives a model that was brought its place.</summary>
    /// <param name="entry">Its name.</param>
    /// <param name="model">What it is.</param>
    /// <param name="partialFolder">From <see cref="PartialFolder"/>; is removed.</param>
    /// <param name="brought">Where each of the model's files lies now, on the disk, in their order.</param>
    public void Publish(string entry, StoredModel model, string partialFolder, IReadOnlyList<string> brought)
    {
        var assembly = Path.Combine(partialFolder, "entry");
        RemoveTree(assembly);
        Directory.CreateDirectory(assembly);
        foreach (var (file, path) in model.Files.Zip(brought))
        {
            var place = Path.Combine(assembly, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!); // Below the assembly.
            File.Move(path, place);
        }

        using (var document = new FileStream(Path.Combine(assembly, EntryFile), FileMode.CreateNew, FileAccess.Write))
        {
            JsonSerializer.Serialize(document, model, StoreJson.Default.StoredModel);
            document.Flush(flushToDisk: true);
        }

        try
        {
            Directory.Move(assembly, FolderOf(entry));
        }
        catch (IOException) when (Describe(entry) is not null)
        {
            // Another writer was first, with the same bytes.
        }

        Touch(entry);

        RemoveTree(partialFolder);
    }

    /// <summary>Makes sure that a model fits, and removes what nobody has asked for in a long time where that is allowed.</summary>
    /// <param name="bytes">Of the whole model.</param>
    /// <param name="partialFolder">What of it is on the disk already.</param>
    /// <exception cref="FetchException">It does not fit.</exception>
    public void MakeRoom(long bytes, string partialFolder)
    {
        if (_options.BytesMax is { } max)
        {
            var entries = Entries();
            var held = entries.Sum(static entry => entry.Bytes);
            foreach (var (entry, size, used) in entries.OrderBy(static entry => entry.Used))
            {
                if (held + bytes <= max || _options.EvictAfter is not { } age || _clock.GetUtcNow() - used < age)
                {
                    break;
                }

                Discard(entry, string.Create(CultureInfo.InvariantCulture, $"room is needed, and it was not asked for since {used:u}"));
                held -= size;
            }

            if (held + bytes > max)
            {
                throw new FetchException(FetchFault.NoSpace, string.Create(
                    CultureInfo.InvariantCulture,
                    $"no space left: the model has {bytes} bytes, and the store holds {held} of the {max} that it may; {(_options.EvictAfter is null ? "nothing is removed from it" : "nothing in it is old enough to be removed")}"));
            }
        }

        var there = new DirectoryInfo(partialFolder).EnumerateFiles().Sum(static file => file.Length);
        var free = new DriveInfo(_options.Folder).AvailableFreeSpace;
        if (bytes - there > free)
        {
            throw new FetchException(FetchFault.NoSpace, string.Create(
                CultureInfo.InvariantCulture, $"no space left on the store's volume: {bytes - there} bytes are needed, {free} are free"));
        }
    }

    private static bool IsSafe(StoredFile file) =>
        !file.Path.Contains('\\', StringComparison.Ordinal) && !file.Path.Split('/').Any(static part => part is "" or "." or "..");

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private async Task<string?> HashAsync(string entry, StoredFile file, CancellationToken cancellationToken)
    {
        try
        {
            var path = FolderOf(entry);
            foreach (var part in file.Path.Split('/'))
            {
                path = Path.Combine(path, part);
                if (IsLink(path))
                {
                    return null;
                }
            }

            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            await using (stream.ConfigureAwait(false))
            {
                return stream.Length == file.Bytes ? Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)) : null;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ImmutableArray<(string Name, long Bytes, DateTimeOffset Used)> Entries()
    {
        var entries = ImmutableArray.CreateBuilder<(string Name, long Bytes, DateTimeOffset Used)>();
        foreach (var folder in new DirectoryInfo(_models).EnumerateDirectories().Take(EntriesMax))
        {
            try
            {
                entries.Add((folder.Name, Describe(folder.Name)?.Bytes ?? 0, new FileInfo(Path.Combine(folder.FullName, EntryFile)).LastWriteTimeUtc));
            }
            catch (IOException)
            {
                // Somebody removed it meanwhile.
            }
        }

        return entries.DrainToImmutable();
    }

    private void Touch(string entry)
    {
        try
        {
            File.SetLastWriteTimeUtc(Path.Combine(FolderOf(entry), EntryFile), _clock.GetUtcNow().UtcDateTime);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else's file; it then counts as used when it was stored.
        }
    }

    private void RemoveAbandoned()
    {
        foreach (var folder in new DirectoryInfo(_partial).EnumerateDirectories().Take(EntriesMax))
        {
            var newest = folder.EnumerateFiles("*", SearchOption.TopDirectoryOnly).Select(static file => file.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max();
            if (_clock.GetUtcNow() - newest > AbandonedAfter)
            {
                RemoveTree(folder.FullName);
            }
        }
    }

    // Out of sight in one step, then gone.
    private void Discard(string entry, string reason)
    {
        var folder = FolderOf(entry);
        try
        {
            if (IsLink(folder))
            {
                File.Delete(folder);
            }
            else if (!Directory.Exists(folder))
            {
                return;
            }
            else
            {
                var grave = Path.Combine(_partial, $"{_options.Writer}-removed-{entry}");
                RemoveTree(grave);
                Directory.Move(folder, grave);
                RemoveTree(grave);
            }

            _logger.EntryRemoved(entry, reason);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FetchException(FetchFault.StoreUnusable, $"{folder} cannot be removed ({reason}): {exception.Message}", exception);
        }
    }

    private static void RemoveTree(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
