namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>How long a test waits for what has to come before it fails.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static CancellationTokenSource Start() => new(Limit, TimeProvider.System);
}
