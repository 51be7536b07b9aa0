namespace InferenceRuntime.Core.Comparing;

/// <summary>How many rows of two answers to one request are the same.</summary>
/// <param name="Agreed">Rows that are, within the tolerance of their type.</param>
/// <param name="Differed">Rows that are not.</param>
/// <param name="Incomparable">Rows of other shapes.</param>
public readonly record struct RowAgreement(long Agreed, long Differed, long Incomparable);
