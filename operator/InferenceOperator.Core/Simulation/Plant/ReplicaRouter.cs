namespace InferenceOperator.Core.Simulation.Plant;

/// <summary>The ready replicas and how many requests each holds; chooses who gets the next. Loads lie side by side in memory: scanning them is the hot path.</summary>
internal sealed class ReplicaRouter(Routing routing, ulong seed)
{
    private ReplicaServer[] _servers = new ReplicaServer[16];
    private int[] _loads = new int[16];
    private int _cursor;

    /// <summary>Ready replicas.</summary>
    public int Count { get; private set; }

    public void Add(ReplicaServer server)
    {
        if (Count == _servers.Length)
        {
            Array.Resize(ref _servers, Count * 2);
            Array.Resize(ref _loads, Count * 2);
        }

        server.Slot = Count;
        _servers[Count] = server;
        _loads[Count++] = 0;
    }

    /// <summary>Takes a replica out; nothing when it is not in.</summary>
    public void Remove(ReplicaServer server)
    {
        if (server.Slot < 0)
        {
            return;
        }

        var last = _servers[--Count];
        _servers[server.Slot] = last;
        _loads[server.Slot] = _loads[Count];
        last.Slot = server.Slot;
        server.Slot = -1;
        _servers[Count] = null!; // Beyond the count nobody looks.
    }

    /// <summary>A replica holds so many requests more, or fewer; nothing when it is not in.</summary>
    public void Load(ReplicaServer server, int requests)
    {
        if (server.Slot >= 0)
        {
            _loads[server.Slot] += requests;
        }
    }

    /// <summary>Who gets a request.</summary>
    /// <param name="request">Its number, for the lot.</param>
    public ReplicaServer Choose(long request)
    {
        _cursor = routing switch
        {
            Routing.RoundRobin => After(_cursor),
            Routing.Random => Math.Min(Count - 1, (int)(Draws.At(seed, DrawPurpose.Routing, (ulong)request) * Count)),
            Routing.LeastOutstanding => LeastOutstanding(),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        return _servers[_cursor];
    }

    private int After(int slot) => slot + 1 < Count ? slot + 1 : 0;

    private int LeastOutstanding()
    {
        var loads = _loads.AsSpan(0, Count);
        var start = After(_cursor);
        var (best, least) = (start, loads[start]);
        for (var i = start + 1; i < loads.Length && least > 0; i++)
        {
            (best, least) = loads[i] < least ? (i, loads[i]) : (best, least);
        }

        for (var i = 0; i < start && least > 0; i++)
        {
            (best, least) = loads[i] < least ? (i, loads[i]) : (best, least);
        }

        return best;
    }
}
