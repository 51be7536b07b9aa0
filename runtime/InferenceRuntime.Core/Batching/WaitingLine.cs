using System.Diagnostics;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Core.Batching;

/// <summary>All that waits, of every shape: by level in order of arrival, with its sums.</summary>
internal sealed class WaitingLine
{
    private readonly LevelLists<LinksInLine> _levels = new();
    private readonly int[] _requestsOf = new int[QueueSettings.PriorityLevels];
    private readonly long[] _bytesOf = new long[QueueSettings.PriorityLevels];
    private int _requests;
    private long _rows;
    private long _bytes;
    private long _sequence;

    /// <inheritdoc cref="LevelLists{TPlace}.First"/>
    public WaitingRequest? First => _levels.First;

    /// <inheritdoc cref="LevelLists{TPlace}.Oldest"/>
    public WaitingRequest? Oldest => _levels.Oldest;

    public QueueDepth Depth => new(_requests, _rows, _bytes);

    /// <summary>True when one more request of <paramref name="bytes"/> stays within the limits.</summary>
    public bool HasRoom(long bytes, BatchPolicy limits) => _requests < limits.RequestsMax && _bytes <= limits.BytesMax - bytes;

    /// <summary>
    /// True when turning away requests below the level of <paramref name="request"/> makes room for it. The oldest request
    /// of all is not turned away: it is the next that the bound on overtaking protects.
    /// </summary>
    public bool CanMakeRoom(WaitingRequest request, BatchPolicy limits) => CanMakeRoom(request.Level, request.Bytes, limits);

    /// <inheritdoc cref="CanMakeRoom(WaitingRequest, BatchPolicy)"/>
    public bool CanMakeRoom(int levelWanted, long bytesWanted, BatchPolicy limits)
    {
        var requests = 0;
        var bytes = 0L;
        for (var level = levelWanted + 1; level <= QueueSettings.PriorityLevels; level++)
        {
            requests += _requestsOf[level - 1];
            bytes += _bytesOf[level - 1];
        }

        if (Oldest is { } oldest && oldest.Level > levelWanted)
        {
            requests--;
            bytes -= oldest.Bytes;
        }

        return _requests - requests < limits.RequestsMax && _bytes - bytes <= limits.BytesMax - bytesWanted;
    }

    /// <summary>Who is turned away first: the youngest of the lowest level, but not the oldest request of all; null when there is nobody else.</summary>
    public WaitingRequest? Last()
    {
        var oldest = Oldest;
        for (var level = QueueSettings.PriorityLevels; level >= 1; level--)
        {
            if (_levels.YoungestOf(level) is { } youngest && youngest != oldest)
            {
                return youngest;
            }
        }

        return null;
    }

    /// <summary>Puts a request at the end of its level.</summary>
    public void Append(WaitingRequest request)
    {
        request.Sequence = _sequence++;
        _levels.Append(request);
        Count(request, 1);
    }

    /// <summary>Notes that rows of a member have been taken.</summary>
    public void TakeRows(int rows) => _rows -= rows;

    /// <summary>Takes a member out.</summary>
    public void Remove(WaitingRequest request)
    {
        _levels.Remove(request);
        Count(request, -1);
        Debug.Assert(_requests >= 0 && _rows >= 0 && _bytes >= 0);
    }

    private void Count(WaitingRequest request, int sign)
    {
        _requests += sign;
        _rows += sign * request.RowsLeft;
        _bytes += sign * request.Bytes;
        _requestsOf[request.Level - 1] += sign;
        _bytesOf[request.Level - 1] += sign * request.Bytes;
    }
}
