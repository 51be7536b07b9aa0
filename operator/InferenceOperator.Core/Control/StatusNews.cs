namespace InferenceOperator.Core.Control;

/// <summary>What a status says that the one written before it does not, the least first.</summary>
public enum StatusNews
{
    /// <summary>Nothing but newer times of what is still so.</summary>
    None,

    /// <summary>Figures so close to those written that nobody would act on the difference, and that traffic was measured again.</summary>
    Wording,

    /// <summary>Figures, or a sentence, that differ by more than they vary by themselves.</summary>
    Figures,

    /// <summary>A condition, a decision, the replicas, the generation.</summary>
    Change,
}
