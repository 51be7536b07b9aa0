using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace InferenceRuntime.Transport.Sockets;

/// <summary>Kestrel's sockets over a <see cref="SocketBlockPool"/> of their own.</summary>
internal sealed class SocketTransport : IDisposable
{
    // Kestrel takes a pool for its sockets from a container of services only. Nothing else of this application is used.
    private readonly WebApplication _services;

    public SocketTransport(ILoggerFactory loggers)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(new BlockPools());
        _services = builder.Build();
    }

    /// <summary>What binds and accepts.</summary>
    public IConnectionListenerFactory Listeners => _services.Services.GetRequiredService<IConnectionListenerFactory>();

    public void Dispose() => ((IDisposable)_services).Dispose();

    private sealed class BlockPools : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new SocketBlockPool();
    }
}
