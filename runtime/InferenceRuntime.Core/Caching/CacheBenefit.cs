namespace InferenceRuntime.Core.Caching;

/// <summary>Judges whether a cache pays: whether the compute time that hits save is more than what looking costs. Thread safe.</summary>
/// <remarks>
/// While it pays every request looks. When it does not, only requests with one in <see cref="KeysPerProbe"/> keys look, and never
/// more than one in <see cref="RequestsPerProbe"/> requests: the same keys each time, so that their repeats are seen at their true rate. After each failure
/// more probes have to agree, up to <see cref="PatienceMax"/> times as many.
/// </remarks>
public sealed class CacheBenefit
{
    /// <summary>Lookups after which a cache in use is judged.</summary>
    public const int Window = 2048;

    /// <summary>Probes after which one that is passed by is judged, at first.</summary>
    public const int ProbeWindow = 256;

    /// <summary>Keys for each one that is probed.</summary>
    public const int KeysPerProbe = 32;

    /// <summary>Requests, at least, for each one that is probed.</summary>
    public const int RequestsPerProbe = 16;

    /// <summary>Most that <see cref="ProbeWindow"/> is multiplied by.</summary>
    public const int PatienceMax = 64;

    private readonly Lock _gate = new();
    private volatile bool _isPaying = true;

    // Guarded by _gate.
    private long _lookups;
    private double _spent;
    private double _saved;
    private int _patience = 1;
    private long _passed;

    /// <summary>True while every request looks.</summary>
    public bool IsPaying => _isPaying;

    /// <summary>True when this request shall look.</summary>
    /// <param name="sample">A number that is the same for equal requests and spread over all values otherwise.</param>
    public bool Admits(ulong sample)
    {
        if (_isPaying)
        {
            return true;
        }

        lock (_gate)
        {
            _passed++;
            if (sample % KeysPerProbe != 0 || _passed < RequestsPerProbe)
            {
                return false;
            }

            // Requests that pass save up for at most a few probes in a row.
            _passed = Math.Min(_passed - RequestsPerProbe, 4 * RequestsPerProbe);
            return true;
        }
    }

    /// <summary>Adds a lookup.</summary>
    /// <param name="spent">What it cost, microseconds.</param>
    /// <param name="saved">Compute time that it saved, microseconds; 0 for a miss.</param>
    /// <returns>True when the cache has just been found not to pay.</returns>
    public bool AddLookup(double spent, double saved)
    {
        lock (_gate)
        {
            _lookups++;
            _spent += spent;
            _saved += saved;
            if (_lookups < (_isPaying ? Window : ProbeWindow * _patience))
            {
                return false;
            }

            var wasPaying = _isPaying;
            _isPaying = _saved > _spent;
            _patience = _isPaying ? (wasPaying ? 1 : _patience) : Math.Min(2 * _patience, PatienceMax);
            _lookups = 0;
            _spent = 0;
            _saved = 0;
            return wasPaying && !_isPaying;
        }
    }
}
