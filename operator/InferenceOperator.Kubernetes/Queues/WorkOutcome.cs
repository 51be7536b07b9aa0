namespace InferenceOperator.Kubernetes.Queues;

/// <summary>What is to become of a key after it was worked on.</summary>
public abstract record WorkOutcome
{
    private WorkOutcome()
    {
    }

    /// <summary>Nothing more until something adds the key.</summary>
    public static WorkOutcome Finished { get; } = new Completed();

    /// <summary>Again after a pause that doubles with each failure in a row.</summary>
    public static WorkOutcome Failed { get; } = new Failure();

    /// <summary>Again after the time, or earlier if something adds the key.</summary>
    public static WorkOutcome Again(TimeSpan after) => new Repeat(after);

    internal sealed record Completed : WorkOutcome;

    internal sealed record Failure : WorkOutcome;

    internal sealed record Repeat(TimeSpan After) : WorkOutcome;
}
