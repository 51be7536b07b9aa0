namespace InferenceOperator.Core.Resource;

/// <summary>Ways to use the GPUs of a replica.</summary>
public enum ParallelismMode
{
    /// <summary>One copy of the model.</summary>
    None,

    /// <summary>A copy of the model on each GPU; with one GPU the same as <see cref="None"/>.</summary>
    Data,
}
