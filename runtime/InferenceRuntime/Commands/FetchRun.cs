using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;

namespace InferenceRuntime.Commands;

/// <summary>One run of <c>inference-runtime fetch</c>: all models are there afterwards, or it says which is not and why.</summary>
/// <param name="options">What it was told.</param>
/// <param name="errors">Receives the one line that says why it failed.</param>
/// <param name="jitter">Draws waits.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Hears of progress.</param>
internal sealed class FetchRun(FetchOptions options, TextWriter errors, Random jitter, TimeProvider clock, ILogger<FetchRun> logger)
{
    // What the kernel says where a disk or a quota is full.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    /// <summary>Brings them one after the other.</summary>
    /// <returns><see cref="ExitCodes.Done"/>; <see cref="ExitCodes.Failed"/> where another run may succeed; <see cref="ExitCodes.ModelRejected"/>.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(options.Limits.Total, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellationToken);
        try
        {
            await BringAllAsync(either.Token).ConfigureAwait(false);
            return ExitCodes.Done;
        }
        catch (FetchException exception)
        {
            return await FailAsync(exception).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested)
        {
            return await FailAsync(new FetchException(FetchFault.TimedOut, $"not done within {options.Limits.Total.TotalSeconds} s; what is there stays for the next try")).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var isFull = exception.HResult is NoSpaceLeft or QuotaExceeded;
            return await FailAsync(new FetchException(isFull ? FetchFault.NoSpace : FetchFault.StoreUnusable, $"{(isFull ? "no space left" : "the store cannot be used")}: {exception.Message}", exception)).ConfigureAwait(false);
        }
    }

    private async Task BringAllAsync(CancellationToken cancellationToken)
    {
        var store = ModelStore.Open(options.Store, clock, logger);
        var fetch = new ModelFetch(store, new GuardedConnections(Rules()), options.Limits, jitter, clock, logger);
        foreach (var model in options.Models)
        {
            var access = model.AccessFolder is { } folder ? SourceAccess.Read(folder) : SourceAccess.Anonymous;
            string entry;
            try
            {
                entry = await fetch.RunAsync(new ModelWanted(model.Name, model.Source, access, model.Sha256, model.DataSha256), cancellationToken).ConfigureAwait(false);
            }
            catch (FetchException exception) when (options.Models.Length > 1)
            {
                throw new FetchException(exception.Fault, $"{model.Name}: {exception.Message}", exception);
            }

            Link(model.Name, store.FolderOf(entry));
        }
    }

    private AddressRules Rules()
    {
        try
        {
            return AddressRules.Read(options.AllowedSources.Concat(options.AllowedSourcesPath is { } path
                ? File.ReadAllLines(path).Select(static line => line.Trim()).Where(static line => line.Length > 0) : []));
        }
        catch (FormatException exception)
        {
            throw new FetchException(FetchFault.StoreUnusable, $"--allow-sources-file: {exception.Message}", exception);
        }
    }

    // Nobody reads while this runs: readers start afterwards.
    private void Link(string name, string entry)
    {
        Directory.CreateDirectory(options.LinksFolder);
        var link = Path.Combine(options.LinksFolder, name);
        File.Delete(link);
        Directory.CreateSymbolicLink(link, Path.GetFullPath(entry));
    }

    private async Task<int> FailAsync(FetchException exception)
    {
        await new LastLine(errors, options.TerminationLogPath).WriteAsync($"{exception.Fault}: {exception.Message}").ConfigureAwait(false);
        return exception.MayPass ? ExitCodes.Failed : ExitCodes.ModelRejected;
    }
}
