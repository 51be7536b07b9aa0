using System.Text;
using System.Text.Unicode;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Tracing;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Grpc.Inference;

/// <summary>One inference request: its message, what was read from it, and who answers. Used again for each request; not thread safe.</summary>
internal sealed class GrpcCall
{
    /// <summary>Bytes of a name or a version that are looked at: longer than any that a model can have.</summary>
    private const int AddressMax = 512;

    private byte[] _nameBytes = [];
    private byte[] _versionBytes = [];

    /// <summary>The request's message.</summary>
    public PooledBuffer Message { get; } = new();

    /// <summary>Where its fields lie.</summary>
    public InferFields Fields { get; } = new();

    /// <summary>The message's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => Message.Written.Span;

    /// <summary>The name in the request.</summary>
    public string ModelName { get; private set; } = "";

    /// <summary>The version in the request; empty for the newest.</summary>
    public string ModelVersion { get; private set; } = "";

    /// <summary>Who answers.</summary>
    public GrpcModel Model { get; private set; } = null!; // Set by Address, before anything reads it.

    /// <summary>The model that the request was found to be for; empty while it was not.</summary>
    public string AnsweringModel { get; private set; } = "";

    /// <summary>The inputs, checked.</summary>
    public InferCall Inputs { get; private set; } = null!; // As above.

    /// <summary>The request's trace; null when it is not recorded.</summary>
    public SampledRequest? Trace { get; set; }

    /// <summary>0 for the model's default, otherwise 1 (highest) and up.</summary>
    public ulong Priority { get; set; }

    /// <summary>When the call began.</summary>
    public long ArrivedAt { get; set; }

    /// <summary>When the message had been read.</summary>
    public long ReadAt { get; set; }

    /// <summary>Timestamp after which the answer is worthless.</summary>
    public long DeadlineAt { get; set; }

    /// <summary>Bytes taken from the budget for decoded tensors.</summary>
    public long Decoded { get; set; }

    /// <summary>The request's id, UTF-8.</summary>
    public ReadOnlySpan<byte> Id => Bytes[Fields.Id];

    /// <summary>Notes the name and the version as texts; those of the request before are used again where they are the same.</summary>
    public void ReadAddress()
    {
        if (!Cut(Fields.ModelName).SequenceEqual(_nameBytes))
        {
            _nameBytes = Cut(Fields.ModelName).ToArray();
            ModelName = Encoding.UTF8.GetString(_nameBytes);
        }

        if (!Cut(Fields.ModelVersion).SequenceEqual(_versionBytes))
        {
            _versionBytes = Cut(Fields.ModelVersion).ToArray();
            ModelVersion = Encoding.UTF8.GetString(_versionBytes);
        }
    }

    /// <summary>The request's id as text; empty when it is not one that can be repeated.</summary>
    public string TextId() => Id.Length <= InferRequestParser.IdLengthMax && Utf8.IsValid(Id) ? Encoding.UTF8.GetString(Id) : "";

    /// <summary>Says who answers.</summary>
    public void Address(ModelLookup.Found found)
    {
        if (Model?.Found != found)
        {
            Model = GrpcModel.Of(found);
            Inputs = new InferCall(Model.Served);
        }

        AnsweringModel = found.Engine.Signature.Name;
    }

    /// <summary>Forgets what was read from the message, to read it for another version.</summary>
    public void Restart()
    {
        Inputs.Clear();
        (Priority, Decoded) = (0, 0);
    }

    /// <summary>Forgets the request; the message stays with its reader.</summary>
    public void Clear()
    {
        Inputs?.Clear();
        Fields.Clear();
        AnsweringModel = "";
        (Priority, ReadAt, DeadlineAt, Decoded) = (0, 0, 0, 0);
    }

    private ReadOnlySpan<byte> Cut(Range place)
    {
        var text = Bytes[place];
        return text[..Math.Min(text.Length, AddressMax)];
    }
}
