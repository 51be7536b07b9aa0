using Xunit;

namespace InferenceOperator.Testing.Servers;

/// <summary>One API server for all tests of a collection; each test works in a namespace of its own.</summary>
public sealed class KubeApiServerFixture : IAsyncLifetime
{
    private KubeApiServer? _server;
    private int _names;

    /// <exception cref="InvalidOperationException">The programs are not there; tests marked with <see cref="ServerFactAttribute"/> are skipped then.</exception>
    public KubeApiServer Server => _server ?? throw new InvalidOperationException("The API server's programs are not to be had here.");

    /// <summary>A name that no other test of the collection has got, for a namespace or object.</summary>
    public string NewName(string prefix) => $"{prefix}-{Interlocked.Increment(ref _names)}";

    public async Task InitializeAsync()
    {
        if (ServerPrograms.Find(Servers.Server.KubeApiServer, out _) is not null)
        {
            _server = await KubeApiServer.StartAsync([], CancellationToken.None);
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is { } server)
        {
            var crash = server.Crash;
            await server.DisposeAsync();
            if (crash is not null)
            {
                throw new InvalidOperationException($"The API server ended while the tests ran:\n{crash}");
            }
        }
    }
}
