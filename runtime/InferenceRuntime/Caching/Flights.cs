using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Caching;

/// <summary>The computations under way, by key. Thread safe; as many as there are requests in the engine, which bounds them.</summary>
internal sealed class Flights
{
    private const int Parts = 16;

    private readonly Dictionary<UInt128, Flight>[] _parts = [.. Enumerable.Range(0, Parts).Select(static _ => new Dictionary<UInt128, Flight>())];

    /// <summary>Joins the computation of an equal request, or begins one.</summary>
    /// <param name="hash">Hash of the request's key.</param>
    /// <param name="request">The request.</param>
    /// <param name="leads">True: the caller computes, and ends the flight whatever happens.</param>
    /// <returns>Null when the request cannot share: its key is too long, or another key of the same hash is under way.</returns>
    public Flight? Join(UInt128 hash, InferenceRequest request, out bool leads)
    {
        leads = false;
        var part = Part(hash);
        Flight? flight;
        lock (part)
        {
            part.TryGetValue(hash, out flight);
        }

        if (flight is null && RequestKeys.Encode(request) is { } key)
        {
            // Copied outside the lock; somebody may have been faster.
            var mine = new Flight(key);
            lock (part)
            {
                if (!part.TryGetValue(hash, out flight))
                {
                    part.Add(hash, mine);
                    leads = true;
                    return mine;
                }
            }
        }

        return flight is not null && RequestKeys.Matches(flight.Key, request) ? flight : null;
    }

    /// <summary>Takes a flight out before it lands.</summary>
    public void Remove(UInt128 hash)
    {
        var part = Part(hash);
        lock (part)
        {
            part.Remove(hash);
        }
    }

    private Dictionary<UInt128, Flight> Part(UInt128 hash) => _parts[(int)(hash >> 124)];
}
