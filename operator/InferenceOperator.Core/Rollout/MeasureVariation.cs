using System.Collections.Immutable;

namespace InferenceOperator.Core.Rollout;

/// <summary>How equal replicas differ from one another by one measure, and for how long each difference lasts. One owner; not thread safe.</summary>
/// <remarks>
/// Looks at each replica's share of bad requests beside that of all, per block, and at how these differences correlate with themselves over
/// 1 to 8 blocks. Old blocks are forgotten with a half-life. Holds 8 numbers for each replica.
/// </remarks>
/// <param name="blocksUnseen">Blocks that a bet takes while too little was watched to know.</param>
/// <param name="blocksLeast">Blocks that it takes at the least.</param>
public sealed class MeasureVariation(int blocksUnseen, int blocksLeast)
{
    /// <summary>Replicas times blocks that are watched before shorter bets than <c>blocksUnseen</c> are trusted.</summary>
    public const double WatchedLeast = 1000;

    /// <summary>Correlation below which a lag counts as forgotten.</summary>
    private const double Forgotten = 0.1;

    // Half of what was seen 2,000 blocks ago counts, six hours at the least length of a block.
    private const double Keep = 0.99965;

    private static readonly ImmutableArray<int> Lags = [1, 2, 4, BlockReach.Most];

    private readonly Dictionary<string, Track> _tracks = new(StringComparer.Ordinal);
    private readonly double[] _products = new double[Lags.Length];
    private double _squares;
    private double _fourths;
    private double _watched;
    private double _bad;
    private double _count;

    /// <summary>Takes one block.</summary>
    /// <param name="replicas">Requests, and bad ones of them, of each replica; those without requests say nothing.</param>
    /// <param name="allowed">Share that may be bad anyway, in (0, 1): differences that are small beside it are of no account.</param>
    public void Take(IReadOnlyCollection<(string Replica, double Count, double Bad)> replicas, double allowed)
    {
        var heard = replicas.Where(static r => r.Count >= 1).ToList();
        foreach (var gone in _tracks.Keys.Where(name => !heard.Exists(r => r.Replica == name)).ToList())
        {
            _tracks.Remove(gone);
        }

        if (heard.Count == 0)
        {
            return;
        }

        var (count, bad) = (heard.Sum(static r => r.Count), heard.Sum(static r => r.Bad));
        (_count, _bad) = ((_count * Keep) + count, (_bad * Keep) + bad);

        // A single replica is compared with itself: then what load does counts as well, and bets are rather too long.
        var scale = allowed + (heard.Count > 1 ? bad / count : _bad / _count);
        var values = heard.ConvertAll(r => r.Bad / r.Count / scale);
        var mean = heard.Count > 1 ? values.Average() : 0;
        foreach (var (replica, value) in heard.Zip(values))
        {
            if (!_tracks.TryGetValue(replica.Replica, out var track))
            {
                _tracks[replica.Replica] = track = new();
            }

            Add(track, value - mean, replica.Count, replica.Bad);
        }
    }

    /// <summary>What was learned so far.</summary>
    public BlockReach Reach()
    {
        // By chance alone a correlation is so large, also where few blocks hold all the variation.
        var noise = _squares > 0 ? 3 * Math.Sqrt(_fourths) / _squares : 0;
        var remembered = 0;
        while (_squares > 0 && remembered < Lags.Length && _products[remembered] / _squares > Math.Max(Forgotten, Math.Min(noise, 0.5)))
        {
            remembered++;
        }

        var blocks = Math.Min(BlockReach.Most, 1 << remembered);
        return new(Math.Max(blocks, _watched < WatchedLeast ? blocksUnseen : blocksLeast), Spread());
    }

    private double Spread()
    {
        var all = _tracks.Values.Where(static t => t.Count > 0).ToList();
        var (count, bad) = (all.Sum(static t => t.Count), all.Sum(static t => t.Bad));
        return all.Count < 2 || bad <= 0 ? 1 : Math.Max(1, all.Max(static t => t.Bad / t.Count) / (bad / count));
    }

    private void Add(Track track, double value, double count, double bad)
    {
        (track.Count, track.Bad) = ((track.Count * Keep) + count, (track.Bad * Keep) + bad);
        track.Weight = (track.Weight * Keep) + 1;
        track.Mean += (value - track.Mean) / track.Weight;
        var x = value - track.Mean;
        _watched = (_watched * Keep) + 1;
        _squares = (_squares * Keep) + (x * x);
        _fourths = (_fourths * Keep) + (x * x * x * x);
        for (var i = 0; i < Lags.Length; i++)
        {
            _products[i] = (_products[i] * Keep) + (track.Seen >= Lags[i] ? x * track.Past[(track.Seen - Lags[i]) % BlockReach.Most] : 0);
        }

        track.Past[track.Seen % BlockReach.Most] = x;
        track.Seen++;
    }

    private sealed class Track
    {
        public double[] Past { get; } = new double[BlockReach.Most];

        public int Seen { get; set; }

        public double Mean { get; set; }

        public double Weight { get; set; }

        public double Count { get; set; }

        public double Bad { get; set; }
    }
}
