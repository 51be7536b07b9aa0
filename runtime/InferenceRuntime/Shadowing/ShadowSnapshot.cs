using InferenceRuntime.Core.Comparing;

namespace InferenceRuntime.Shadowing;

/// <summary>What shadowing did so far.</summary>
/// <param name="Rows">Rows that this replica compared with another's.</param>
/// <param name="Sent">Requests that another replica took.</param>
/// <param name="Dropped">Requests for which there was no room.</param>
/// <param name="Failed">Requests that another replica did not take.</param>
internal readonly record struct ShadowSnapshot(RowAgreement Rows, long Sent, long Dropped, long Failed);
