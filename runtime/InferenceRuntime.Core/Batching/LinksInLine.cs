namespace InferenceRuntime.Core.Batching;

/// <summary>The links of the list over all that waits.</summary>
internal readonly struct LinksInLine : ILinkPlace
{
    public static ref Links Of(WaitingRequest request) => ref request.LinksInLine;
}
