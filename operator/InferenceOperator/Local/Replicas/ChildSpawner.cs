using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace InferenceOperator.Local.Replicas;

/// <summary>Starts child processes that end with this one, also when this one is killed.</summary>
/// <remarks>
/// Where <c>setpriv</c> (util-linux) is there, each child is started through <c>setpriv --pdeathsig KILL</c>, which becomes the
/// child itself. The kernel sends that signal when the <em>thread</em> ends that started the child (prctl(2), PR_SET_PDEATHSIG), so
/// all children are started by one thread that lives as long as this object. Without <c>setpriv</c> a killed parent leaves its
/// children running; an orderly end never does. Where <c>setsid</c> is there too, a child gets a session of its own, so that Ctrl-C in a
/// terminal reaches this process alone, which then drains the children in order.
/// </remarks>
internal sealed class ChildSpawner : IDisposable
{
    // As many starts may wait as one machine could ever run replicas.
    private readonly BlockingCollection<Start> _starts = new(boundedCapacity: 1024);
    private readonly Thread _thread;
    private readonly ImmutableArray<string> _prefix;

    public ChildSpawner()
    {
        var setpriv = Find("setpriv");
        TiesChildren = setpriv is not null;
        _prefix = [.. setpriv is null ? [] : (string[])[setpriv, "--pdeathsig", "KILL", "--"], .. Find("setsid") is { } setsid ? [setsid] : (string[])[]];
        _thread = new Thread(StartAll) { IsBackground = true, Name = "child processes" };
        _thread.Start();
    }

    /// <summary>True when children end with this process whatever ends it.</summary>
    public bool TiesChildren { get; }

    /// <summary>Starts a child.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public Task<ChildProcess> StartAsync(ChildCommand command)
    {
        ImmutableArray<string> line = [.. _prefix, command.Program, .. command.Arguments];
        var started = new TaskCompletionSource<ChildProcess>(TaskCreationOptions.RunContinuationsAsynchronously);
        _starts.Add(new Start(command with { Program = line[0], Arguments = line[1..] }, started));
        return started.Task;
    }

    /// <summary>Ends the thread: children that still run are killed. Stop them first.</summary>
    public void Dispose()
    {
        _starts.CompleteAdding();
        _thread.Join();
        _starts.Dispose();
    }

    private static string? Find(string program) =>
        OperatingSystem.IsLinux() ? new[] { "/usr/bin/" + program, "/bin/" + program }.FirstOrDefault(File.Exists) : null;

    private void StartAll()
    {
        foreach (var start in _starts.GetConsumingEnumerable())
        {
            try
            {
                start.Started.SetResult(ChildProcess.Start(start.Command));
            }
            catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
            {
                start.Started.SetException(exception);
            }
        }
    }

    private sealed record Start(ChildCommand Command, TaskCompletionSource<ChildProcess> Started);
}
