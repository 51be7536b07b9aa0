using System.Net;

namespace InferenceRuntime.Transport;

/// <summary>Where a port listens and what it bears.</summary>
/// <param name="Address">Address to bind; <see cref="IPAddress.Any"/> for every one.</param>
/// <param name="Port">TCP port; 0 for a free one.</param>
/// <param name="BodyBytesMax">Longest request body.</param>
internal sealed record EndpointOptions(IPAddress Address, int Port, long BodyBytesMax)
{
    /// <summary>Connections open at once; one more is closed at once.</summary>
    public const int ConnectionsMax = 10_000;

    /// <summary>Longest header section of a request, bytes.</summary>
    public const int HeaderBytesMax = 16 * 1024;

    /// <summary>An idle connection is kept this long: longer than the 60 s of common load balancers, so that they close first.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(65);

    /// <summary>Longest that the header section of a request may take.</summary>
    public static readonly TimeSpan HeaderTimeMax = TimeSpan.FromSeconds(10);
}
