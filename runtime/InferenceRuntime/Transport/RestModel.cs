using InferenceRuntime.Core.Serving;
using InferenceRuntime.Transport.Parsing;
using InferenceRuntime.Transport.Replies;

namespace InferenceRuntime.Transport;

/// <summary>A version of a model that answers, with what the REST port derives from its signature. Immutable.</summary>
internal sealed class RestModel
{
    public RestModel(IInferenceEngine engine)
    {
        Engine = engine;
        Served = new ServedModel(engine.Signature);
        Formatter = new ReplyFormatter(Served);
    }

    public IInferenceEngine Engine { get; }

    public ServedModel Served { get; }

    public ReplyFormatter Formatter { get; }
}
