using System.Collections.Immutable;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;

namespace InferenceRuntime.Fetching;

/// <summary>Brings one model with its external data into a store, unless it is there.</summary>
/// <param name="store">The store.</param>
/// <param name="connections">Make clients that connect where they may.</param>
/// <param name="limits">What it may take.</param>
/// <param name="jitter">Draws waits.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Hears of progress.</param>
internal sealed class ModelFetch(ModelStore store, GuardedConnections connections, FetchLimits limits, Random jitter, TimeProvider clock, ILogger logger)
{
    /// <summary>Brings the model.</summary>
    /// <returns>Name of the entry that holds it.</returns>
    /// <exception cref="FetchException">It cannot be brought.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    public async Task<string> RunAsync(ModelWanted wanted, CancellationToken cancellationToken)
    {
        if (wanted.Sha256 is { } pin)
        {
            // Pinned bytes are the right ones wherever they come from: the source need not even be there.
            var pinned = EntryName.OfContent(pin, wanted.DataSha256);
            if (await store.UseAsync(pinned, cancellationToken).ConfigureAwait(false) is { } there)
            {
                logger.Brought(wanted.Name, pinned, there.Bytes, "as it was stored before");
                return pinned;
            }
        }

        using var client = connections.CreateClient(wanted.Access.Authorities);
        var folder = store.PartialFolder(wanted.Name);
        var download = DownloadOf(wanted.Source, wanted, folder, client);
        var first = await download.AskAsync(cancellationToken).ConfigureAwait(false);
        if (wanted.Sha256 is null && first.Tag is { } tag
            && await FindVersionAsync(EntryName.OfVersion(wanted.Source.Identity, tag), wanted, folder, client, cancellationToken).ConfigureAwait(false) is { } known)
        {
            first.Dispose();
            return known;
        }

        return await BringAsync(wanted, folder, client, download, first, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> BringAsync(
        ModelWanted wanted, string folder, HttpMessageInvoker client, Download download, FileReply.Content first, CancellationToken cancellationToken)
    {
        var room = new ModelRoom(store, folder, limits);
        var model = await download.RunAsync(first, wanted.Sha256, room.Ask, cancellationToken).ConfigureAwait(false);
        room.Add(model);
        var locations = ExternalLocations.Read(download.Path, wanted.Source, limits.DataFilesMax);
        CheckPins(wanted, locations);

        List<StoredFile> files = [new(ModelStore.ModelFile, model.Bytes, model.Sha256, model.Tag)];
        List<string> paths = [download.Path];
        foreach (var location in locations)
        {
            var data = DownloadOf(wanted.Source.Beside(location), wanted, folder, client);
            var reply = await data.AskAsync(cancellationToken).ConfigureAwait(false);
            var file = await data.RunAsync(reply, wanted.DataSha256.GetValueOrDefault(location), room.Ask, cancellationToken).ConfigureAwait(false);
            room.Add(file);
            files.Add(new StoredFile(location, file.Bytes, file.Sha256, file.Tag));
            paths.Add(data.Path);
        }

        var stored = new StoredModel(wanted.Source.ToString(), [.. files]);
        var entry = wanted.Sha256 is null && files.All(static file => file.Tag is not null)
            ? EntryName.OfVersions(EntryName.OfVersion(wanted.Source.Identity, model.Tag!), files.Skip(1).ToDictionary(static file => file.Path, static file => file.Tag!, StringComparer.Ordinal)) // All have one.
            : EntryName.OfContent(stored);

        // Without tags it is only known now that it was there; or another writer was faster, or left what does not hold.
        await store.UseAsync(entry, cancellationToken).ConfigureAwait(false);
        store.Publish(entry, stored, folder, paths);
        logger.Brought(wanted.Name, entry, stored.Bytes, "fetched now");
        return entry;
    }

    private static void CheckPins(ModelWanted wanted, ImmutableArray<string> locations)
    {
        if (wanted.DataSha256.Keys.FirstOrDefault(pinned => !locations.Contains(pinned)) is { } unknown)
        {
            throw new FetchException(FetchFault.NotAModel, $"{wanted.Source}: model.data pins '{unknown}', to which the model does not refer");
        }

        if (wanted.Sha256 is not null && locations.FirstOrDefault(location => !wanted.DataSha256.ContainsKey(location)) is { } free)
        {
            throw new FetchException(FetchFault.NotAModel, $"{wanted.Source}: model.sha256 is set, but its external data '{free}' is not pinned: add it to model.data");
        }
    }

    // The entry of this version of the model's file whose external data are at their newest versions; null: none.
    private async Task<string?> FindVersionAsync(string version, ModelWanted wanted, string folder, HttpMessageInvoker client, CancellationToken cancellationToken)
    {
        if (store.Find(version).Select(store.Describe).FirstOrDefault(static model => model is not null) is not { } alike)
        {
            return null;
        }

        // The same file names the same locations.
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in alike.Files.Skip(1))
        {
            using var reply = await DownloadOf(wanted.Source.Beside(file.Path), wanted, folder, client).AskAsync(cancellationToken).ConfigureAwait(false);
            if (reply.Tag is not { } tag)
            {
                return null;
            }

            tags[file.Path] = tag;
        }

        var entry = EntryName.OfVersions(version, tags);
        if (await store.UseAsync(entry, cancellationToken).ConfigureAwait(false) is not { } stored)
        {
            return null;
        }

        logger.Brought(wanted.Name, entry, stored.Bytes, "as it was stored before");
        return entry;
    }

    private Download DownloadOf(FetchSource source, ModelWanted wanted, string folder, HttpMessageInvoker client) => new(
        new RemoteFile(source, wanted.Access, client, limits, clock), folder, limits, new ProgressLog(source.ToString(), logger, clock), jitter, clock, logger);
}
