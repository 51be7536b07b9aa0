namespace InferenceRuntime.Onnx;

/// <summary>What came of checking a model file.</summary>
public abstract record OnnxCheck
{
    private OnnxCheck()
    {
    }

    /// <summary>The file is a well-formed model as far as can be told without running it.</summary>
    public sealed record Accepted(OnnxSummary Summary) : OnnxCheck;

    /// <summary>The file is not a model that can be served.</summary>
    /// <param name="Reason">What is wrong and where.</param>
    public sealed record Rejected(string Reason) : OnnxCheck;
}
