namespace InferenceOperator.Local.Replicas;

/// <summary>How long a replica that ended waits before it is started again: 1 s, doubling to 60 s; after a healthy minute from the beginning.</summary>
internal sealed class RestartBackoff
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan HealthyAfter = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <summary>The wait after an end.</summary>
    /// <param name="readyFor">How long the replica had been ready; zero when it never was.</param>
    public TimeSpan After(TimeSpan readyFor)
    {
        var wait = readyFor >= HealthyAfter ? First : _next;
        _next = wait * 2 < Longest ? wait * 2 : Longest;
        return wait;
    }
}
