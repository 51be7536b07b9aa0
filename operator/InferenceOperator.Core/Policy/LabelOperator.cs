namespace InferenceOperator.Core.Policy;

/// <summary>How a requirement compares a label.</summary>
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}
