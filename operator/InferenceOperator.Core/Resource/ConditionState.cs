namespace InferenceOperator.Core.Resource;

/// <summary>Values of a condition.</summary>
public enum ConditionState
{
    Unknown,
    True,
    False,
}
