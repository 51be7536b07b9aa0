using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using InferenceRuntime.Fetching.Sources;

namespace InferenceRuntime.Fetching;

/// <summary>Brings one file into a folder, over as many connections as it takes.</summary>
/// <remarks>
/// A file goes on where it was cut off only under a strong entity tag, under which a server has to send the same bytes; what has
/// none starts from its first byte again. Bytes of two tags never meet in one file.
/// </remarks>
/// <param name="file">The file at its source.</param>
/// <param name="folder">Where what is not complete lies; one owner.</param>
/// <param name="limits">How patient it is.</param>
/// <param name="progress">Hears of the bytes there and of all, which may not be known.</param>
/// <param name="jitter">Draws waits.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Hears of tries that failed.</param>
internal sealed class Download(RemoteFile file, string folder, FetchLimits limits, IProgress<FetchProgress> progress, Random jitter, TimeProvider clock, ILogger logger)
{
    private const int ChunkBytes = 256 << 10;

    /// <summary>Where the file lies, once <see cref="RunAsync"/> has brought it.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The first answer of the source: the file's tag and length, before any of it is read.</summary>
    /// <exception cref="FetchException">There is none.</exception>
    public async Task<FileReply.Content> AskAsync(CancellationToken cancellationToken)
    {
        for (var fruitless = 1; ; fruitless++)
        {
            switch (await file.OpenAsync(0, tag: null, cancellationToken).ConfigureAwait(false))
            {
                case FileReply.Content content:
                    return content;
                case FileReply.Later later:
                    await WaitAsync(later.Reason, later.After, fruitless, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException(); // Nothing was asked for that could have changed.
            }
        }
    }

    /// <summary>Brings the file.</summary>
    /// <param name="first">What <see cref="AskAsync"/> gave; is disposed.</param>
    /// <param name="pin">SHA-256 that it must have, lower-case hexadecimal; null: any.</param>
    /// <param name="room">Judges the length as soon as it is known, and throws what is wrong with it.</param>
    /// <param name="cancellationToken">Gives it up; what is there stays for the next try.</param>
    /// <exception cref="FetchException">It cannot be brought.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public async Task<FetchedFile> RunAsync(FileReply.Content first, string? pin, Action<long> room, CancellationToken cancellationToken)
    {
        for (var changes = 0; ; changes++)
        {
            Path = System.IO.Path.Combine(folder, Name(first.Tag));
            var partial = await PartialFile.OpenAsync(Path, cancellationToken).ConfigureAwait(false);
            await using (partial.ConfigureAwait(false))
            {
                var inherited = partial.Length;
                if (await FillAsync(partial, first, pin is not null, room, cancellationToken).ConfigureAwait(false))
                {
                    var sha256 = partial.Complete();
                    if (pin is null || pin == sha256)
                    {
                        return new FetchedFile(partial.Length, sha256, first.Tag);
                    }

                    partial.StartOver();
                    if (inherited == 0 || changes > 0)
                    {
                        throw new FetchException(FetchFault.DigestMismatch, $"{file.Source}: sha256 mismatch: expected {pin}, actual {sha256}");
                    }

                    // What an earlier process left may have been damaged where it lay.
                    logger.StartedOver(file.Source.ToString(), "what an earlier try left does not fit");
                }
                else
                {
                    partial.StartOver();
                    logger.StartedOver(file.Source.ToString(), "it changed at its source");
                }
            }

            if (changes >= limits.ChangesMax)
            {
                throw new FetchException(FetchFault.Unreachable, $"{file.Source}: it changed {limits.ChangesMax + 1} times while it was read");
            }

            first = await AskAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private string Name(string? tag) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{file.Source.Identity}\n{tag}")))[..32] + ".part";

    // True: all of it is there. False: it is another file now.
    private async Task<bool> FillAsync(PartialFile partial, FileReply.Content first, bool isPinned, Action<long> room, CancellationToken cancellationToken)
    {
        var (tag, length) = (first.Tag, first.Length);
        if (tag is null || partial.Length > length)
        {
            partial.StartOver();
        }

        var highest = partial.Length;
        var fruitless = 0;
        for (FileReply reply = first; ; reply = await file.OpenAsync(partial.Length, partial.Length == 0 ? null : tag, cancellationToken).ConfigureAwait(false))
        {
            string? reason = null;
            TimeSpan? after = null;
            switch (reply)
            {
                case FileReply.Content content:
                    using (content)
                    {
                        if (content.Tag != tag || (content.Length is { } now && length is { } once && now != once))
                        {
                            return false;
                        }

                        room(content.Length ?? 0);
                        if (tag is not null && partial.Length == content.Length)
                        {
                            return true;
                        }

                        if (content == first && partial.Length > 0)
                        {
                            // An earlier process left a part: only the rest is asked for.
                            continue;
                        }

                        if (content.From != partial.Length)
                        {
                            partial.StartOver();
                        }

                        reason = await ReadAsync(partial, content, isPinned, room, cancellationToken).ConfigureAwait(false);
                        if (reason is null)
                        {
                            return true;
                        }
                    }

                    break;
                case FileReply.Changed:
                    return false;
                case FileReply.Later later:
                    (reason, after) = (later.Reason, later.After);
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }

            fruitless = partial.Length > highest ? 1 : fruitless + 1;
            highest = Math.Max(highest, partial.Length);
            await WaitAsync(reason, after, fruitless, cancellationToken).ConfigureAwait(false);
            if (tag is null)
            {
                partial.StartOver();
            }
        }
    }

    // Null: the answer came to its end. Else why not.
    private async Task<string?> ReadAsync(PartialFile partial, FileReply.Content content, bool isPinned, Action<long> room, CancellationToken cancellationToken)
    {
        var response = content.Response;
        if (content.Length is null && response.Headers.TransferEncodingChunked is not true && response.Version.Major < 2 && !isPinned)
        {
            throw new FetchException(FetchFault.BadReply, $"{file.Source}: the server does not say how long the file is, so that a cut could not be told from its end: pin its sha256");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var silence = clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), either, limits.Silence, Timeout.InfiniteTimeSpan); // It is given one.
        await using var rearmed = silence.ConfigureAwait(false);
        var buffer = new byte[ChunkBytes];
        Stream? body = null;
        try
        {
            while (true)
            {
                int count;
                try
                {
                    body ??= await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
                    count = await body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
                }
                catch (Exception exception) when (exception is IOException or HttpRequestException)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"cut off after {partial.Length} bytes: {exception.Message}");
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"silent for {limits.Silence.TotalSeconds} s after {partial.Length} bytes");
                }

                if (count == 0)
                {
                    return content.Length is { } length && partial.Length != length
                        ? string.Create(CultureInfo.InvariantCulture, $"ended after {partial.Length} of {length} bytes")
                        : null;
                }

                silence.Change(limits.Silence, Timeout.InfiniteTimeSpan);
                room(partial.Length + count);
                await partial.AppendAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                progress.Report(new FetchProgress(partial.Length, content.Length));
            }
        }
        finally
        {
            if (body is not null)
            {
                await body.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAsync(string reason, TimeSpan? after, int fruitless, CancellationToken cancellationToken)
    {
        if (fruitless >= limits.FruitlessTriesMax)
        {
            throw new FetchException(FetchFault.Unreachable, string.Create(CultureInfo.InvariantCulture, $"{file.Source}: {fruitless} tries in a row brought nothing; the last: {reason}"));
        }

        // Half of the wait is drawn, so that replicas that failed together do not come back together.
        var wait = limits.WaitFirst * Math.Pow(2, Math.Min(fruitless - 1, 30));
        wait = wait < limits.WaitMax ? wait : limits.WaitMax;
        wait *= 0.5 + (0.5 * jitter.NextDouble());
        wait = after is { } asked && asked > wait ? (asked < limits.WaitMax ? asked : limits.WaitMax) : wait;
        logger.TryFailed(file.Source.ToString(), reason, wait.TotalSeconds);
        await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
    }
}
