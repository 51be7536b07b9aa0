namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Adds up hits after the warm-up.</summary>
internal sealed class RatioCount(Trace trace)
{
    private readonly int _from = trace.Requests.Length / 10;
    private long _requests;
    private long _hits;
    private double _bytes;
    private double _hitBytes;
    private double _cost;
    private double _saved;

    public HitRatios Ratios => new((double)_hits / _requests, _hitBytes / _bytes, _saved / _cost);

    public void Add(int request, TraceItem item, bool isHit)
    {
        if (request < _from)
        {
            return;
        }

        _requests++;
        _bytes += item.Bytes;
        _cost += item.Cost;
        if (isHit)
        {
            _hits++;
            _hitBytes += item.Bytes;
            _saved += item.Cost;
        }
    }
}
