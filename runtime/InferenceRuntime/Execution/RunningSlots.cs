using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution;

/// <summary>The slots whose batches run. Guarded by the dispatcher's lock.</summary>
/// <param name="signature">The model.</param>
/// <param name="count">All slots of the engine.</param>
internal sealed class RunningSlots(ModelSignature signature, int count)
{
    private readonly List<RunSlot> _slots = [];
    private long _freeSince;

    /// <summary>True when some batch runs.</summary>
    public bool Any => _slots.Count > 0;

    /// <summary>A slot's batch begins to run, and with it the pieces of split requests that are in it.</summary>
    public void Begin(RunSlot slot)
    {
        _slots.Add(slot);
        slot.FreeSince = _freeSince;
        foreach (var part in slot.Batch.Parts)
        {
            if (!part.IsWhole)
            {
                var pending = (PendingInference)part.Request;
                pending.Split ??= new SplitInference(pending.Request, signature);
                pending.Split.BeginLocked();
            }
        }
    }

    /// <summary>A slot's batch was answered, and the slot is empty from <paramref name="now"/> on, a timestamp.</summary>
    public void End(RunSlot slot, long now)
    {
        slot.ClearLocked(now);
        _freeSince = _slots.Count == count ? now : _freeSince;
        _slots.Remove(slot);
    }

    /// <summary>Tells the runs to end in which nobody is left.</summary>
    public void AbortAbandoned()
    {
        foreach (var slot in _slots)
        {
            slot.AbortIfAbandonedLocked();
        }
    }
}
