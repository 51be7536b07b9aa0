namespace InferenceRuntime.Core.Batching;

/// <summary>Says which of a request's links a list uses, so that one request stands in several lists without allocation.</summary>
internal interface ILinkPlace
{
    /// <summary>The links inside <paramref name="request"/>.</summary>
    static abstract ref Links Of(WaitingRequest request);
}
