namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>How long a test waits for what has to come before it fails: no statement on how long that may take, for the machine may have other things to do.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static CancellationTokenSource Start() => new(Limit, TimeProvider.System);
}
