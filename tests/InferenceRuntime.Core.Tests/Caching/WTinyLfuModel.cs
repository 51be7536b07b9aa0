namespace InferenceRuntime.Core.Tests.Caching;

/// <summary>W-TinyLFU as its paper tells it, over things of equal weight, with lists that are searched.</summary>
/// <remarks>
/// Source: Einziger, Friedman, Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", ACM ToS 2017: a window of 1 % in LRU order, a
/// main part that is an SLRU with 80 % protected, and between them a filter that lets in who was asked for more often lately. How often is told
/// by a count-min sketch of four rows of counters that end at 15 and are halved after ten requests for each place of the cache.
/// It has neither the climbing border nor the lots of the policy under test, and places of counters are drawn, not hashed.
/// </remarks>
internal sealed class WTinyLfuModel(int capacity, int seed)
{
    private const int Rows = 4;
    private const int CountMax = 15;
    private const int RequestsPerPlace = 10;

    private readonly int _windowMax = Math.Max(1, capacity / 100);
    private readonly int[,] _counters = new int[Rows, 4 * capacity];
    private readonly Dictionary<int, int[]> _places = [];
    private readonly Random _random = new(seed);

    // The oldest first.
    private readonly List<int> _window = [];
    private readonly List<int> _probation = [];
    private readonly List<int> _protected = [];
    private int _counted;

    private int MainMax => capacity - _windowMax;

    /// <summary>One request; true for a hit.</summary>
    public bool Ask(int key)
    {
        Count(key);
        if (_window.Remove(key))
        {
            _window.Add(key);
            return true;
        }

        if (_protected.Remove(key))
        {
            _protected.Add(key);
            return true;
        }

        if (_probation.Remove(key))
        {
            _protected.Add(key);
            if (_protected.Count > MainMax * 8 / 10)
            {
                MoveOldest(_protected, _probation);
            }

            return true;
        }

        _window.Add(key);
        if (_window.Count > _windowMax)
        {
            LeaveWindow();
        }

        return false;
    }

    private static void MoveOldest(List<int> from, List<int> to)
    {
        to.Add(from[0]);
        from.RemoveAt(0);
    }

    private void LeaveWindow()
    {
        if (_probation.Count + _protected.Count < MainMax)
        {
            MoveOldest(_window, _probation);
            return;
        }

        var main = _probation.Count > 0 ? _probation : _protected;
        if (Estimate(_window[0]) > Estimate(main[0]))
        {
            main.RemoveAt(0);
            MoveOldest(_window, _probation);
        }
        else
        {
            _window.RemoveAt(0);
        }
    }

    private int[] PlacesOf(int key)
    {
        if (!_places.TryGetValue(key, out var places))
        {
            _places[key] = places = [.. Enumerable.Range(0, Rows).Select(_ => _random.Next(_counters.GetLength(1)))];
        }

        return places;
    }

    private int Estimate(int key)
    {
        var places = PlacesOf(key);
        return Enumerable.Range(0, Rows).Min(row => _counters[row, places[row]]);
    }

    private void Count(int key)
    {
        var places = PlacesOf(key);
        for (var row = 0; row < Rows; row++)
        {
            _counters[row, places[row]] = Math.Min(CountMax, _counters[row, places[row]] + 1);
        }

        if (++_counted < RequestsPerPlace * capacity)
        {
            return;
        }

        _counted /= 2;
        for (var row = 0; row < Rows; row++)
        {
            for (var place = 0; place < _counters.GetLength(1); place++)
            {
                _counters[row, place] /= 2;
            }
        }
    }
}
