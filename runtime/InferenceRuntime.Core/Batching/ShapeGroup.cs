namespace InferenceRuntime.Core.Batching;

/// <summary>Waiting requests of one shape. Owned by one queue.</summary>
internal sealed class ShapeGroup
{
    private readonly LevelLists<LinksInGroup> _levels = new();

    /// <summary>The key its members share.</summary>
    public ShapeKey Key { get; set; }

    /// <summary>Who is executed first: the oldest of the highest level; null only while the group is not in use.</summary>
    public WaitingRequest? First => _levels.First;

    /// <summary>Who has waited longest; null only while the group is not in use.</summary>
    public WaitingRequest? Oldest => _levels.Oldest;

    /// <summary>Rows of all members together that are not taken yet.</summary>
    public long Rows { get; private set; }

    /// <summary>Place in the list of groups in use.</summary>
    public int Index { get; set; }

    public void Append(WaitingRequest request)
    {
        request.Group = this;
        _levels.Append(request);
        Rows += request.RowsLeft;
    }

    public void Remove(WaitingRequest request)
    {
        _levels.Remove(request);
        request.Group = null;
        Rows -= request.RowsLeft;
    }

    /// <summary>Notes that rows of a member have been taken.</summary>
    public void TakeRows(int rows) => Rows -= rows;
}
