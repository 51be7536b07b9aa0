namespace InferenceOperator.Core.Observation;

/// <summary>How old the samples of one source usually are when they come: a source that is steadily late is late, not stale.</summary>
/// <remarks>One owner; not thread safe. Bounded: the last <see cref="KeptMax"/> renewals are looked at.</remarks>
internal sealed class SourceDelay
{
    /// <summary>Renewals that are kept.</summary>
    public const int KeptMax = 8;

    /// <summary>Renewals from which a delay is called usual.</summary>
    private const int RenewalsMin = 4;

    /// <summary>Longest delay that is put up with: what is older says too little about now.</summary>
    public static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(120);

    private readonly Queue<TimeSpan> _ages = new(KeptMax);

    /// <summary>The newest sample was renewed, and is so old.</summary>
    public void Add(TimeSpan age)
    {
        if (_ages.Count == KeptMax)
        {
            _ages.Dequeue();
        }

        _ages.Enqueue(age);
    }

    /// <summary>The most of the last ages, where they are alike; else, and before it is known, none.</summary>
    /// <param name="interval">Usual time between two samples of one replica.</param>
    public TimeSpan Usual(TimeSpan interval)
    {
        if (_ages.Count < RenewalsMin)
        {
            return TimeSpan.Zero;
        }

        var (least, most) = (_ages.Min(), _ages.Max());
        return most - least <= interval * 2 && most <= DelayMax && most > TimeSpan.Zero ? most : TimeSpan.Zero;
    }
}
