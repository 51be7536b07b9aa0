using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Serving;

/// <summary>One checked request on its way to a model. Made by the transport, read by the engine.</summary>
/// <remarks>
/// The transport owns the memory behind <see cref="Inputs"/> and may take it back only when the outcome has been given:
/// until then the engine reads it, from any thread. The request itself never changes.
/// </remarks>
/// <param name="Inputs">One tensor for each input of the signature, in its order; shapes and byte counts already checked.</param>
/// <param name="Rows">Length of axis 0 when the model is batched, at least 1; otherwise 1.</param>
/// <param name="Bytes">Sum of the byte counts of the inputs.</param>
/// <param name="OutputsWanted">Bit i set when output i of the signature is wanted; at least one bit.</param>
/// <param name="ArrivedAt">When the head of the request was read, a timestamp of the engine's <see cref="TimeProvider"/>.</param>
/// <param name="ReadAt">When the last byte of the body was read, same clock; reading counts as communication.</param>
/// <param name="DeadlineAt">Timestamp after which the answer is worthless; <see cref="long.MaxValue"/> for none.</param>
/// <param name="Priority">0 for the model's default, otherwise 1 (highest) and up, as the protocol's <c>priority</c>.</param>
/// <param name="Trace">Its trace; null when it is not recorded.</param>
public sealed record InferenceRequest(
    TensorContent[] Inputs,
    int Rows,
    long Bytes,
    ulong OutputsWanted,
    long ArrivedAt,
    long ReadAt,
    long DeadlineAt,
    ulong Priority = 0,
    RequestTrace? Trace = null);
