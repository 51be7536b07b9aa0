namespace InferenceRuntime.Core.Batching;

/// <summary>The links of the list over one shape.</summary>
internal readonly struct LinksInGroup : ILinkPlace
{
    public static ref Links Of(WaitingRequest request) => ref request.LinksInGroup;
}
