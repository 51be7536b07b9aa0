using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>The parameters of a request, of its inputs and of its outputs. Those that this server does not know are passed over.</summary>
internal static class InferParameters
{
    /// <summary>Reads <c>timeout</c> and <c>priority</c>.</summary>
    public static GrpcStatus? ReadRequest(GrpcCall call)
    {
        for (var i = 0; i < call.Fields.Parameters.Count; i++)
        {
            if (!ParameterEntry.TryRead(call.Bytes[call.Fields.Parameters[i]], out var parameter))
            {
                return GrpcStatus.Invalid($"parameters: entry {i} is malformed");
            }

            if (parameter.Key.SequenceEqual("timeout"u8))
            {
                if (!parameter.TryGetWhole(out var microseconds) || microseconds > long.MaxValue)
                {
                    return GrpcStatus.Invalid("parameters.timeout: not a whole number of microseconds from 0 to 2^63-1");
                }

                call.Inputs.TimeoutMicroseconds = (long)microseconds;
            }
            else if (parameter.Key.SequenceEqual("priority"u8))
            {
                if (!parameter.TryGetWhole(out var priority))
                {
                    return GrpcStatus.Invalid("parameters.priority: not a whole number from 0 to 2^64-1");
                }

                call.Priority = priority;
            }
        }

        return null;
    }

    /// <summary>Refuses what cannot be passed over without giving an answer that was not asked for.</summary>
    /// <param name="entry">One parameter of an input or an output.</param>
    /// <param name="label">How errors name the tensor.</param>
    public static GrpcStatus? CheckTensor(ReadOnlySpan<byte> entry, string label)
    {
        if (!ParameterEntry.TryRead(entry, out var parameter))
        {
            return GrpcStatus.Invalid($"{label}.parameters: an entry is malformed");
        }

        return parameter.Key.SequenceEqual("shared_memory_region"u8) || parameter.Key.SequenceEqual("classification"u8)
            ? GrpcStatus.Invalid($"{label}.parameters: {ClientText.Quote(parameter.Key)} is not supported")
            : null;
    }
}
