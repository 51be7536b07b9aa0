using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using InferenceRuntime.Contract;

namespace InferenceRuntime.Caching;

/// <summary>The peers of a replica that starts: those it was told and those in <see cref="PrefetchPeersFile"/>, a host name once for each of its addresses.</summary>
internal sealed partial class PeerAddresses(PrefetchOptions options, ILogger logger)
{
    /// <summary>Most addresses that are given.</summary>
    public const int CountMax = 16;

    /// <summary>The addresses in the order in which they are to be asked. What is not there or has no address is passed over.</summary>
    /// <exception cref="OperationCanceledException">The time is up.</exception>
    public async IAsyncEnumerable<Uri> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = CountMax;
        foreach (var peer in options.Peers.Concat(await ReadFileAsync(cancellationToken).ConfigureAwait(false)))
        {
            foreach (var address in await ResolveAsync(peer, cancellationToken).ConfigureAwait(false))
            {
                if (left-- == 0)
                {
                    yield break;
                }

                yield return address;
            }
        }
    }

    private async Task<IEnumerable<Uri>> ReadFileAsync(CancellationToken cancellationToken)
    {
        if (options.PeersPath is not { } path || !File.Exists(path))
        {
            return [];
        }

        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using (file.ConfigureAwait(false))
            {
                var buffer = new byte[PrefetchPeersFile.LengthMax];
                var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                return PrefetchPeersFile.Read(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogFileUnreadable(path, e.Message);
            return [];
        }
    }

    private async Task<IEnumerable<Uri>> ResolveAsync(Uri peer, CancellationToken cancellationToken)
    {
        if (peer.HostNameType is not UriHostNameType.Dns)
        {
            return [peer];
        }

        try
        {
            var addresses = await Dns.GetHostAddressesAsync(peer.IdnHost, cancellationToken).ConfigureAwait(false);
            return addresses.Select(address => new UriBuilder(peer) { Host = address.ToString() }.Uri);
        }
        catch (SocketException e)
        {
            LogNobody(peer, e.Message);
            return [];
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "No replica is ready at {Peer} to give cached responses: {Reason}")]
    private partial void LogNobody(Uri peer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The peers in {Path} cannot be read: {Reason}")]
    private partial void LogFileUnreadable(string path, string reason);
}
