namespace InferenceRuntime.Execution;

/// <summary>The thread of one instance: takes closed batches and has them executed.</summary>
internal sealed class BatchWorker : IDisposable
{
    private readonly BatchDispatcher _dispatcher;
    private readonly BatchExecution _execution;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BatchWorker(BatchDispatcher dispatcher, BatchExecution execution, int index)
    {
        _dispatcher = dispatcher;
        _execution = execution;
        _thread = new Thread(Work) { IsBackground = true, Name = $"inference {index}" };
    }

    /// <summary>Completes when the thread has ended.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Disposes the instance; the thread has ended.</summary>
    public void Dispose() => _execution.Dispose();

    /// <summary>Has the slot's batch executed on the calling thread: by the worker itself, or by the thread that the slot is lent to.</summary>
    /// <returns>True when the requests that wait now would leave room in the next batch.</returns>
    public bool RunBatch(long closedAt)
    {
        bool hasRoom;
        try
        {
            _execution.Run(closedAt);
        }
        finally
        {
            hasRoom = _dispatcher.EndBatch(_execution.Slot);
        }

        return hasRoom;
    }

    private void Work()
    {
        while (_dispatcher.WaitForBatch(_execution.Slot, out var closedAt))
        {
            if (RunBatch(closedAt))
            {
                // Where a core is shared, replies are written and requests are read before a batch is closed that has room for them.
                Thread.Yield();
            }
        }

        _stopped.SetResult();
    }
}
