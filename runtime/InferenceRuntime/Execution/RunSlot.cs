using InferenceRuntime.Core.Batching;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Execution;

/// <summary>An instance and the batch that it runs.</summary>
/// <param name="instance">The instance.</param>
/// <param name="index">Its number among the engine's instances.</param>
internal sealed class RunSlot(IModelInstance instance, int index)
{
    private volatile bool _isAborted;

    /// <summary>The instance; runs are its worker's, or of the thread that the slot is lent to.</summary>
    public IModelInstance Instance => instance;

    /// <summary>Its number among the engine's instances.</summary>
    public int Index => index;

    /// <summary>True while a thread that brought a request runs the slot's batch instead of its worker. Guarded by the dispatcher's lock.</summary>
    public bool IsLent { get; set; }

    /// <summary>The batch; filled and cleared under the dispatcher's lock.</summary>
    public Batch Batch { get; } = new();

    /// <summary>True when the batch's run was told to end because nobody waits for it.</summary>
    public bool IsAborted => _isAborted;

    /// <summary>When its last batch ended, a timestamp. Guarded by the dispatcher's lock.</summary>
    public long RestingSince { get; private set; }

    /// <summary>Since when, as its batch closed, some instance of the engine had nothing to run, a timestamp. Set under the dispatcher's lock.</summary>
    public long FreeSince { get; set; }

    /// <summary>True from a batch until the memory that it took was given back. Guarded by the dispatcher's lock.</summary>
    public bool HoldsMemory { get; set; }

    /// <summary>Tells the run to end when every client of the batch has gone away. Called under the dispatcher's lock while the slot runs.</summary>
    public void AbortIfAbandonedLocked()
    {
        if (_isAborted)
        {
            return;
        }

        foreach (var part in Batch.Parts)
        {
            if (!((PendingInference)part.Request).IsCancelled)
            {
                return;
            }
        }

        _isAborted = true;
        instance.RequestAbort();
    }

    /// <summary>Empties the slot: an abort that came too late must not meet the next batch. Called under the dispatcher's lock.</summary>
    public void ClearLocked(long now)
    {
        RestingSince = now;
        HoldsMemory = true;

        // Neither requests nor answers are kept alive until the next batch.
        Batch.Clear();
        if (_isAborted)
        {
            _isAborted = false;
            instance.WithdrawAbort();
        }
    }
}
