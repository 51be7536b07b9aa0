namespace InferenceOperator.Core.Planning;

/// <summary>A batch limit that was weighed.</summary>
/// <param name="MaxSize">Rows.</param>
/// <param name="ServiceSeconds">Time of a full batch, upper estimate.</param>
/// <param name="Capacity">Rows per second per replica within the SLO.</param>
public sealed record BatchCandidate(int MaxSize, double ServiceSeconds, double Capacity);
