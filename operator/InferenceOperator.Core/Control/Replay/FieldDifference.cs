namespace InferenceOperator.Core.Control.Replay;

/// <summary>A field that differs.</summary>
/// <param name="Path">Such as <c>proposed.replicas</c> or <c>guards[1]</c>.</param>
/// <param name="Recorded">Its value in the log, as JSON, cut where it is long; null: it is not there.</param>
/// <param name="Decided">Its value now.</param>
public sealed record FieldDifference(string Path, string? Recorded, string? Decided);
