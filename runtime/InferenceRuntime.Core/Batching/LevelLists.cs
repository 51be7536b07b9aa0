using System.Numerics;
using InferenceRuntime.Contract;

namespace InferenceRuntime.Core.Batching;

/// <summary>Requests by priority level, within a level in order of arrival. Linked through the requests: nothing is allocated.</summary>
/// <typeparam name="TPlace">Which of the requests' links are used.</typeparam>
internal sealed class LevelLists<TPlace>
    where TPlace : struct, ILinkPlace
{
    private readonly WaitingRequest?[] _heads = new WaitingRequest?[QueueSettings.PriorityLevels];
    private readonly WaitingRequest?[] _tails = new WaitingRequest?[QueueSettings.PriorityLevels];

    // Bit i is set when level i + 1 has a member.
    private uint _occupied;

    public bool IsEmpty => _occupied == 0;

    /// <summary>The oldest of the highest level that has one; null when empty.</summary>
    public WaitingRequest? First => IsEmpty ? null : _heads[BitOperations.TrailingZeroCount(_occupied)];

    /// <summary>The oldest of all levels; null when empty.</summary>
    public WaitingRequest? Oldest
    {
        get
        {
            WaitingRequest? oldest = null;
            for (var left = _occupied; left != 0; left &= left - 1)
            {
                var head = _heads[BitOperations.TrailingZeroCount(left)]!; // Its level is occupied.
                if (oldest is null || head.Sequence < oldest.Sequence)
                {
                    oldest = head;
                }
            }

            return oldest;
        }
    }

    /// <summary>The youngest member of a level, 1 to 8; null when it has none.</summary>
    public WaitingRequest? YoungestOf(int level) => _tails[level - 1];

    /// <summary>Puts a request behind those of its level.</summary>
    public void Append(WaitingRequest request)
    {
        var index = request.Level - 1;
        ref var links = ref TPlace.Of(request);
        links.Next = null;
        links.Previous = _tails[index];
        if (links.Previous is { } tail)
        {
            TPlace.Of(tail).Next = request;
        }
        else
        {
            _heads[index] = request;
            _occupied |= 1u << index;
        }

        _tails[index] = request;
    }

    /// <summary>Takes a member out.</summary>
    public void Remove(WaitingRequest request)
    {
        var index = request.Level - 1;
        ref var links = ref TPlace.Of(request);
        if (links.Previous is { } previous)
        {
            TPlace.Of(previous).Next = links.Next;
        }
        else
        {
            _heads[index] = links.Next;
        }

        if (links.Next is { } next)
        {
            TPlace.Of(next).Previous = links.Previous;
        }
        else
        {
            _tails[index] = links.Previous;
        }

        if (_heads[index] is null)
        {
            _occupied &= ~(1u << index);
        }

        links = default;
    }
}
