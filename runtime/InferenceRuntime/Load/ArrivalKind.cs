namespace InferenceRuntime.Load;

/// <summary>How the gaps between requests of an open-loop load are drawn.</summary>
internal enum ArrivalKind
{
    /// <summary>Exponential gaps: independent clients.</summary>
    Poisson,

    /// <summary>Equal gaps.</summary>
    Uniform,
}
