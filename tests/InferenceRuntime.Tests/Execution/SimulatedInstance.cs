using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Tests.Execution;

/// <summary>Answers every request with its own input; stops at a gate, refuses, throws and aborts on demand.</summary>
internal sealed class SimulatedInstance : IModelInstance
{
    /// <summary>A first byte that makes a run that holds it refused.</summary>
    public const byte Refused = 0xFE;

    /// <summary>A first byte that makes a run that holds it throw.</summary>
    public const byte Throws = 0xFF;

    // A test that forgets a run fails, and does not keep the suite.
    private static readonly TimeSpan LetThroughWithin = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _entered = new(0);
    private readonly SemaphoreSlim _givenBack = new(0);
    private readonly SemaphoreSlim? _gate;
    private readonly List<int> _runs = [];

    /// <param name="gated">True: every run waits until it is let through.</param>
    public SimulatedInstance(bool gated = false) => _gate = gated ? new SemaphoreSlim(0) : null;

    private volatile bool _isAborting;
    private int _released;

    /// <summary>Rows that fit into memory.</summary>
    public int RowsFitting { get; set; } = int.MaxValue;

    public bool IsDisposed { get; private set; }

    /// <summary>Rows of each run so far.</summary>
    public int[] Runs
    {
        get
        {
            lock (_runs)
            {
                return [.. _runs];
            }
        }
    }

    /// <summary>The managed thread of the last run that began.</summary>
    public int LastThread { get; private set; }

    /// <summary>Answers given, each of which has to be released.</summary>
    public int Lent { get; private set; }

    public int Released => _released;

    public int TimesGivenBack { get; private set; }

    /// <summary>Completes when memory has been given back once more.</summary>
    public Task GivesMemoryBack() => _givenBack.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);

    public void GiveMemoryBack()
    {
        TimesGivenBack++;
        _givenBack.Release();
    }

    /// <summary>Completes when one more run has begun.</summary>
    public Task RunBegins() => _entered.WaitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, CancellationToken.None);

    public void LetThrough(int runs = 1) => _gate?.Release(runs);

    /// <summary>Takes back what was let through and not used, and forgets what has begun; nothing runs.</summary>
    public async Task TakeBackAsync()
    {
        while (_gate is not null && await _gate.WaitAsync(TimeSpan.Zero))
        {
        }

        while (await _entered.WaitAsync(TimeSpan.Zero))
        {
        }
    }

    public RunResult Run(ReadOnlySpan<InferenceRequest> requests, int rows, Span<OutputLease> answers)
    {
        lock (_runs)
        {
            _runs.Add(rows);
            LastThread = Environment.CurrentManagedThreadId;
        }

        _entered.Release();
        if (_gate?.Wait(LetThroughWithin) == false)
        {
            throw new TimeoutException("nobody let this run through");
        }

        if (_isAborting)
        {
            return new RunResult(RunStatus.Refused, TimeSpan.Zero, "aborted");
        }

        if (rows > RowsFitting)
        {
            return new RunResult(RunStatus.OutOfMemory, TimeSpan.Zero, "simulated");
        }

        foreach (var request in requests)
        {
            switch (request.Inputs[0].Bytes.Span[0])
            {
                case Refused:
                    return new RunResult(RunStatus.Refused, TimeSpan.Zero, "simulated");
                case Throws:
                    throw new InvalidOperationException("simulated");
                default:
                    break;
            }
        }

        for (var i = 0; i < requests.Length; i++)
        {
            answers[i] = new OutputLease([requests[i].Inputs[0]], () => Interlocked.Increment(ref _released));
        }

        Lent += requests.Length;
        return new RunResult(RunStatus.Done, TimeSpan.FromMilliseconds(1), null);
    }

    public void RequestAbort()
    {
        _isAborting = true;
        _gate?.Release();
    }

    public void WithdrawAbort() => _isAborting = false;

    public void Dispose() => IsDisposed = true;
}
