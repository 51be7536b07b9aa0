namespace InferenceRuntime.Core.Batching;

/// <summary>A request's neighbours in one doubly linked list.</summary>
internal struct Links
{
    public WaitingRequest? Next;
    public WaitingRequest? Previous;
}
