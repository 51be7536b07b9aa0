namespace InferenceOperator.Testing.Simulated;

/// <summary>How one watch behaves.</summary>
public sealed record WatchHabits
{
    /// <summary>Everything is told at once, nothing twice, and nothing breaks.</summary>
    public static WatchHabits Good { get; } = new();

    /// <summary>How long after it happened the next event is told.</summary>
    public Func<TimeSpan> Lag { get; init; } = static () => TimeSpan.Zero;

    /// <summary>Whether the next event is told twice.</summary>
    public Func<bool> Repeats { get; init; } = static () => false;

    /// <summary>Time between two bookmarks; null: none.</summary>
    public TimeSpan? BookmarksEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long it lives before it is cut; null: until the server ends it.</summary>
    public TimeSpan? CutAfter { get; init; }

    /// <summary>Bytes after which it is cut, amid an event perhaps; null: none.</summary>
    public long? CutAfterBytes { get; init; }
}
