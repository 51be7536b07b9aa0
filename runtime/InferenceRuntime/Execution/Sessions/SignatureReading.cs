using System.Collections.Immutable;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>What came of reading a session's inputs and outputs.</summary>
internal abstract record SignatureReading
{
    private SignatureReading()
    {
    }

    /// <summary>The model can be served.</summary>
    /// <param name="Inputs">In the model's order.</param>
    /// <param name="Outputs">In the model's order.</param>
    /// <param name="UnbatchedBecause">Why the declared shapes rule batching out; null when they do not.</param>
    public sealed record Served(
        ImmutableArray<TensorSpec> Inputs, ImmutableArray<TensorSpec> Outputs, string? UnbatchedBecause) : SignatureReading;

    /// <summary>The protocol cannot carry this model's inputs or outputs.</summary>
    public sealed record Unsupported(string Reason) : SignatureReading;
}
