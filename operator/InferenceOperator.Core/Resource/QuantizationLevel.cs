namespace InferenceOperator.Core.Resource;

/// <summary>Levels that can be served.</summary>
public enum QuantizationLevel
{
    /// <summary>The model file as it is.</summary>
    None,
}
