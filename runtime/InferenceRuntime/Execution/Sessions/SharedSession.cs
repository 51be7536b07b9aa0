using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>A session that several instances run on; disposed with the last of them.</summary>
internal sealed class SharedSession(InferenceSession session, SessionPlace place)
{
    private int _holders;

    /// <summary>The session; runs on it are thread safe.</summary>
    public InferenceSession Session { get; } = session;

    /// <summary>Where it runs.</summary>
    public SessionPlace Place { get; } = place;

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Session.Dispose();
        }
    }
}
