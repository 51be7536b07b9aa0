using System.Collections.Immutable;
using System.Text;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Transport.Parsing;

/// <summary>A model's signature in the form in which the wire is compared with it. Immutable.</summary>
internal sealed class ServedModel
{
    public ServedModel(ModelSignature signature)
    {
        Signature = signature;
        InputNames = [.. signature.Inputs.Select(static i => Encoding.UTF8.GetBytes(i.Name))];
        OutputNames = [.. signature.Outputs.Select(static o => Encoding.UTF8.GetBytes(o.Name))];
        DatatypeNames = [.. signature.Inputs.Select(static i => Encoding.UTF8.GetBytes(i.Datatype.WireName()))];
        AllOutputs = signature.Outputs.Length == ModelSignature.OutputsMax ? ulong.MaxValue : (1UL << signature.Outputs.Length) - 1;
        for (var i = 0; i < signature.Outputs.Length; i++)
        {
            if (signature.Outputs[i].Datatype is Datatype.Fp16 or Datatype.Bf16)
            {
                BinaryOnlyOutputs |= 1UL << i;
            }
        }
    }

    public ModelSignature Signature { get; }

    /// <summary>UTF-8 names, in the order of the signature.</summary>
    public ImmutableArray<byte[]> InputNames { get; }

    /// <inheritdoc cref="InputNames"/>
    public ImmutableArray<byte[]> OutputNames { get; }

    /// <summary>Wire names of the inputs' datatypes, UTF-8.</summary>
    public ImmutableArray<byte[]> DatatypeNames { get; }

    /// <summary>A bit for each output.</summary>
    public ulong AllOutputs { get; }

    /// <summary>Outputs whose type has no JSON form.</summary>
    public ulong BinaryOnlyOutputs { get; }

    /// <summary>The index of the name, or −1.</summary>
    public static int Find(ref System.Text.Json.Utf8JsonReader value, ImmutableArray<byte[]> names)
    {
        for (var i = 0; i < names.Length; i++)
        {
            if (value.ValueTextEquals(names[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
