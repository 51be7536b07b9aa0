using System.Diagnostics;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Transport.Parsing;

namespace InferenceRuntime.Transport;

/// <summary>What a client hears when the model it named does not answer.</summary>
internal static class ModelFaults
{
    /// <summary>There is no such model.</summary>
    public static RequestFault Unknown(string model) =>
        new(StatusCodes.Status404NotFound, $"this server has no model {ClientText.Quote(model)}");

    /// <summary>The refusal for a lookup that found nobody.</summary>
    public static RequestFault Of(ModelLookup lookup, string model) => lookup switch
    {
        ModelLookup.UnknownModel => Unknown(model),
        ModelLookup.UnknownVersion unknown => new RequestFault(
            StatusCodes.Status404NotFound,
            $"model {ClientText.Quote(model)} is served as version {string.Join(", ", unknown.Versions)} only"),
        ModelLookup.NotReady notReady => new RequestFault(StatusCodes.Status503ServiceUnavailable, notReady.Reason),
        _ => throw new UnreachableException(),
    };
}
