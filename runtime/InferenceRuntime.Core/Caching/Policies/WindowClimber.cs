namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Moves the border between window and main part towards more hits.</summary>
/// <remarks>
/// Source: hill climbing of Einziger et al. (Middleware 2018). A step is tried for ten times as many requests as there are entries; a
/// worse hit ratio turns the direction round; steps shrink, and start anew when the hit ratio jumps.
/// </remarks>
internal struct WindowClimber(long bytesMax)
{
    private const double FirstShare = 0.01;
    private const double ShareMax = 0.8;
    private const double FirstStep = 0.0625;
    private const double Decay = 0.98;
    private const double Jump = 0.05;
    private const int RequestsPerEntry = 10;
    private const int RequestsLeast = 1000;

    private double _share = FirstShare;
    private double _step = FirstStep;
    private double _lastRatio = -1;
    private long _hits;
    private long _requests;

    /// <summary>Bytes of the window.</summary>
    public readonly long WindowBytes => (long)(bytesMax * _share);

    public void AddHit(int entries)
    {
        _hits++;
        Add(entries);
    }

    public void AddMiss(int entries) => Add(entries);

    private void Add(int entries)
    {
        if (++_requests < Math.Max(RequestsLeast, (long)RequestsPerEntry * entries))
        {
            return;
        }

        var ratio = (double)_hits / _requests;
        var change = _lastRatio < 0 ? 0 : ratio - _lastRatio;
        _step = Math.Abs(change) >= Jump ? Math.CopySign(FirstStep, _step) : _step * Decay;
        _step = change < 0 ? -_step : _step;
        _share = Math.Clamp(_share + _step, FirstShare, ShareMax);
        _lastRatio = ratio;
        _hits = 0;
        _requests = 0;
    }
}
