using ModelMaking.Clicks;

namespace ModelMaking.Training;

/// <summary>What a user clicked last, and next.</summary>
/// <param name="History">Items from 1, newest first, then 0s: <see cref="Length"/> of them, the first at least an item.</param>
/// <param name="Next">The item that was clicked next, from 1.</param>
internal sealed record NextClick(int[] History, int Next)
{
    /// <summary>Clicks that are remembered.</summary>
    public const int Length = 20;

    /// <summary>Every click of the log that has one before it, in order.</summary>
    public static NextClick[] Of(ReadOnlySpan<Impression> log)
    {
        var histories = new Dictionary<int, int[]>();
        var clicks = new List<NextClick>();
        foreach (var impression in log)
        {
            if (!impression.Clicked)
            {
                continue;
            }

            var item = impression.Item + 1;
            if (histories.TryGetValue(impression.User, out var history))
            {
                clicks.Add(new NextClick(history, item));
            }

            histories[impression.User] = [item, .. (history ?? new int[Length]).AsSpan(0, Length - 1)];
        }

        return [.. clicks];
    }
}
