namespace InferenceOperator.Core.Estimation;

/// <summary>How long replicas take from wanted to ready: the 95th percentile of the last <see cref="KeptMax"/>.</summary>
internal sealed class StartUpTimes
{
    public const int KeptMax = 32;

    /// <summary>Taken until a replica was seen starting.</summary>
    public static readonly TimeSpan Unseen = TimeSpan.FromSeconds(30);

    private readonly Queue<TimeSpan> _times = new();

    /// <summary>The last ones, oldest first.</summary>
    public IReadOnlyCollection<TimeSpan> Latest => _times;

    public TimeSpan Usual
    {
        get
        {
            if (_times.Count == 0)
            {
                return Unseen;
            }

            var sorted = _times.Order().ToArray();
            return sorted[(int)Math.Ceiling(0.95 * sorted.Length) - 1];
        }
    }

    public void Add(TimeSpan time)
    {
        _times.Enqueue(time);
        if (_times.Count > KeptMax)
        {
            _times.Dequeue();
        }
    }
}
