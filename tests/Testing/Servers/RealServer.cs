using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace InferenceOperator.Testing.Servers;

/// <summary>A server of someone else's, running as a process of its own, with the end of its log at hand for when it fails.</summary>
public sealed class RealServer : IAsyncDisposable
{
    private const int LinesMax = 400;
    private static readonly TimeSpan ReadyMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly string _name;
    private readonly Process _process;

    private RealServer(string name, Process process)
    {
        _name = name;
        _process = process;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The last lines that the server printed.</summary>
    public string LogTail
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public bool HasExited => _process.HasExited;

    public int ProcessId => _process.Id;

    /// <summary>Starts the program and waits until <paramref name="isReady"/> says so.</summary>
    /// <param name="isReady">Asked again and again; an <see cref="HttpRequestException"/> counts as not yet.</param>
    /// <exception cref="InvalidOperationException">It ended, or was not ready in time; the message holds the end of its log.</exception>
    public static async Task<RealServer> StartAsync(
        string program, IReadOnlyList<string> arguments, Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        var process = await Spawner.StartAsync(program, arguments, new Dictionary<string, string>()).ConfigureAwait(false);
        var server = new RealServer(Path.GetFileName(program), process);
        try
        {
            await server.WaitUntilReadyAsync(isReady, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A port on the loopback interface that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // A bound socket has an end point.
    }

    /// <summary>Kills the process as a crash would.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }
        }
        catch (InvalidOperationException)
        {
            // It ended by itself between the question and the kill.
        }

        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        _process.Dispose();
    }

    private async Task WaitUntilReadyAsync(Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ReadyMax, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            while (!await AnswersAsync(isReady, either.Token).ConfigureAwait(false))
            {
                if (_process.HasExited)
                {
                    throw new InvalidOperationException($"{_name} ended with {_process.ExitCode} before it was ready:\n{LogTail}");
                }

                await Task.Delay(BetweenProbes, TimeProvider.System, either.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{_name} was not ready within {ReadyMax.TotalSeconds:0} s:\n{LogTail}");
        }
    }

    private static async Task<bool> AnswersAsync(Func<CancellationToken, Task<bool>> isReady, CancellationToken cancellationToken)
    {
        try
        {
            return await isReady(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_lines.Count == LinesMax)
            {
                _lines.Dequeue();
            }

            _lines.Enqueue(line);
        }
    }
}
