namespace InferenceOperator.Kubernetes.Transport;

/// <summary>Limits a rate: so many at once, so many per second in the long run. Not safe for use by several threads.</summary>
/// <param name="perSecond">Tokens gained per second, above zero.</param>
/// <param name="burst">Most tokens saved up, at least 1.</param>
internal sealed class TokenBucket(double perSecond, int burst, DateTimeOffset now)
{
    private double _tokens = burst;
    private DateTimeOffset _at = now;

    /// <summary>Takes a token, ahead of time when none is there.</summary>
    /// <returns>How long to wait before using it; null when that is longer than <paramref name="waitMax"/>, and none is taken.</returns>
    public TimeSpan? Take(DateTimeOffset now, TimeSpan waitMax)
    {
        if (now > _at)
        {
            _tokens = Math.Min(burst, _tokens + ((now - _at).TotalSeconds * perSecond));
            _at = now;
        }

        var missing = 1 - _tokens;
        var wait = missing <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(missing / perSecond);
        if (wait > waitMax)
        {
            return null;
        }

        _tokens--;
        return wait;
    }
}
