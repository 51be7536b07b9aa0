namespace InferenceRuntime.Grpc.Inference;

/// <summary>Places in a message, used again for each message. Not thread safe.</summary>
/// <param name="countMax">Most places.</param>
internal sealed class RangeList(int countMax)
{
    private Range[] _places = new Range[4];

    public int Count { get; private set; }

    public Range this[int index] => _places[index];

    /// <summary>False, with nothing added, when there are as many as there may be.</summary>
    public bool TryAdd(Range place)
    {
        if (Count == countMax)
        {
            return false;
        }

        if (Count == _places.Length)
        {
            Array.Resize(ref _places, Math.Min(2 * Count, countMax));
        }

        _places[Count++] = place;
        return true;
    }

    public void Clear() => Count = 0;
}
