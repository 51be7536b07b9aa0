namespace InferenceOperator.Core.Resource;

/// <summary>How patiently replicas are taken away.</summary>
public sealed record ScaleDownSpec
{
    /// <summary>Only what was not needed at any time in this window is taken away. 0 to 1 h.</summary>
    public Duration Window { get; init; } = Duration.FromTimeSpan(TimeSpan.FromSeconds(60));

    /// <summary>Most replicas that go in one step. Null: a quarter of them, one at least.</summary>
    public StepLimit? MaxStep { get; init; }
}
