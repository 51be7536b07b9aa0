namespace InferenceOperator.Core.Scarcity;

/// <summary>Why an agent gets fewer replicas than it wants, and what it would take.</summary>
/// <param name="Wanted">Replicas that it asked for.</param>
/// <param name="Granted">Replicas that it gets.</param>
/// <param name="Pool">The pool that ran out.</param>
/// <param name="PoolShort">GPUs by which what all ask of this pool exceeds it.</param>
/// <param name="Takes">GPUs that the pool would have to gain for this agent to get all it wants, by the order in which they are given.</param>
/// <param name="Rival">Who has most of the pool among those that go before it; null: nobody does, the pool itself is too small.</param>
public sealed record Shortage(int Wanted, int Granted, GpuPool Pool, int PoolShort, int Takes, Rival? Rival)
{
    /// <summary>One clause for status and records.</summary>
    public override string ToString()
    {
        var used = Pool.UsedByOthers > 0 ? $", {Pool.UsedByOthers} of them used by others," : "";
        var rival = Rival is null ? "" : $"; {Rival}";
        return $"cut from {Wanted} to {Granted}: the {Pool.Resource} pool of {Pool.Gpus} ({Pool.Origin}){used} is short by {PoolShort}{rival}; {Takes} more would give it all";
    }
}
