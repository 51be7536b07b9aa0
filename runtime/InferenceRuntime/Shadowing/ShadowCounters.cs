using InferenceRuntime.Core.Comparing;

namespace InferenceRuntime.Shadowing;

/// <summary>What was sent to be compared, and what was compared. Thread safe.</summary>
internal sealed class ShadowCounters
{
    private long _agreed;
    private long _differed;
    private long _incomparable;
    private long _sent;
    private long _dropped;
    private long _failed;

    public void AddSent() => Interlocked.Increment(ref _sent);

    public void AddDropped() => Interlocked.Increment(ref _dropped);

    public void AddFailed() => Interlocked.Increment(ref _failed);

    public void Add(RowAgreement rows)
    {
        Interlocked.Add(ref _agreed, rows.Agreed);
        Interlocked.Add(ref _differed, rows.Differed);
        Interlocked.Add(ref _incomparable, rows.Incomparable);
    }

    public ShadowSnapshot Snapshot() => new(
        new(Interlocked.Read(ref _agreed), Interlocked.Read(ref _differed), Interlocked.Read(ref _incomparable)),
        Interlocked.Read(ref _sent),
        Interlocked.Read(ref _dropped),
        Interlocked.Read(ref _failed));
}
