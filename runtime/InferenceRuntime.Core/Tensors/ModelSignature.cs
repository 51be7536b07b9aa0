using System.Collections.Immutable;

namespace InferenceRuntime.Core.Tensors;

/// <summary>What a loaded model is called and what goes in and comes out.</summary>
/// <param name="Name">The name it is served under.</param>
/// <param name="Version">The version it is served under, a positive decimal number.</param>
/// <param name="Platform">The protocol's platform string, for example <c>onnxruntime_onnx</c>.</param>
/// <param name="Inputs">Inputs in the model's order; request tensors use the same order.</param>
/// <param name="Outputs">Outputs in the model's order; at most <see cref="OutputsMax"/>.</param>
/// <param name="Batched">
/// True when axis 0 of every input and every output is variable and is the same axis: rows of several requests may be
/// run together. False: the model takes exactly the shapes it declares and each request runs alone.
/// </param>
public sealed record ModelSignature(
    string Name,
    string Version,
    string Platform,
    ImmutableArray<TensorSpec> Inputs,
    ImmutableArray<TensorSpec> Outputs,
    bool Batched)
{
    /// <summary>Most outputs a served model may have: the set of wanted outputs travels as bits of one word.</summary>
    public const int OutputsMax = 64;
}
