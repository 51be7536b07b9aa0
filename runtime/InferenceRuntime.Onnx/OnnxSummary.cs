using System.Collections.Immutable;

namespace InferenceRuntime.Onnx;

/// <summary>What a model file says of itself.</summary>
/// <param name="IrVersion">Version of the file format.</param>
/// <param name="Producer">The program that wrote it, may be empty.</param>
/// <param name="OperatorSets">Version by domain; the default domain is <c>ai.onnx</c>.</param>
/// <param name="Inputs">Values that a caller gives: inputs of the graph that no initializer fills.</param>
/// <param name="Outputs">Values that come out.</param>
/// <param name="InitializerBytes">Bytes of all weights, external ones included.</param>
/// <param name="Nodes">Nodes, those of subgraphs included.</param>
/// <param name="Operators">Operators used, sorted by domain and name.</param>
/// <param name="ExternalFiles">Pieces of other files that hold weights.</param>
public sealed record OnnxSummary(
    long IrVersion,
    string Producer,
    ImmutableSortedDictionary<string, long> OperatorSets,
    ImmutableArray<OnnxValue> Inputs,
    ImmutableArray<OnnxValue> Outputs,
    long InitializerBytes,
    int Nodes,
    ImmutableArray<OperatorUse> Operators,
    ImmutableArray<ExternalData> ExternalFiles);
