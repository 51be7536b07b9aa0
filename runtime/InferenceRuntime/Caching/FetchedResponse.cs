using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Caching;

/// <summary>A response that a peer gave; checked against the model's signature.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Request">What the key says.</param>
/// <param name="Outputs">One tensor for each output; empty where not wanted.</param>
/// <param name="Cost">Compute time, microseconds.</param>
/// <param name="Age">How long ago it was stored.</param>
internal sealed record FetchedResponse(byte[] Key, InferenceRequest Request, TensorContent[] Outputs, double Cost, TimeSpan Age);
