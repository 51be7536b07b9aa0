namespace InferenceOperator.Overview;

/// <summary>What is asked, and how the answer is given.</summary>
/// <param name="Name">The one agent that is told at length; null: all.</param>
/// <param name="Where">Where agents are looked for, for people.</param>
/// <param name="Format">The form of the answer.</param>
/// <param name="Again">Time after which it is looked again; null: once is enough.</param>
internal sealed record OverviewQuestion(string? Name, string Where, OverviewFormat Format, TimeSpan? Again);
