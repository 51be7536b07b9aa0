using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Leases;

namespace InferenceOperator.Cluster;

/// <summary>Which shards of the agents this replica looks after at the moment. Safe for several threads.</summary>
/// <param name="shards">How many there are, at least 1.</param>
internal sealed class AgentTerms(int shards)
{
    private readonly Lock _gate = new();
    private readonly Term?[] _terms = new Term?[shards];

    /// <summary>The shard of an agent.</summary>
    public int ShardOf(ObjectKey agent) => ShardDivision.Of(agent, _terms.Length);

    /// <summary>Begins the term of a shard; nothing is done for its agents before.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="end">Cancelled when the term has to end.</param>
    public void Begin(int shard, CancellationToken end)
    {
        lock (_gate)
        {
            _terms[shard] = new Term(end);
        }
    }

    /// <summary>Ends the term of a shard; completes when nobody is at work in it any more.</summary>
    public Task EndAsync(int shard)
    {
        lock (_gate)
        {
            var term = _terms[shard];
            _terms[shard] = null;
            return term?.Close() ?? Task.CompletedTask;
        }
    }

    /// <summary>Enters the term to work on an agent; to be disposed when done. Null: somebody else looks after it, or nobody.</summary>
    public IAgentTurn? TryEnter(ObjectKey agent)
    {
        lock (_gate)
        {
            return _terms[ShardOf(agent)] is { } term ? new Turn(this, term) : null;
        }
    }

    private sealed class Term(CancellationToken end)
    {
        private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _inside;
        private bool _closed;

        public CancellationToken End => end;

        // All three under the gate of the terms.
        public void Enter() => _inside++;

        public void Leave()
        {
            _inside--;
            Complete();
        }

        public Task Close()
        {
            _closed = true;
            Complete();
            return _empty.Task;
        }

        private void Complete()
        {
            if (_closed && _inside == 0)
            {
                _empty.TrySetResult();
            }
        }
    }

    private sealed class Turn : IAgentTurn
    {
        private readonly AgentTerms _terms;
        private readonly Term _term;

        /// <summary>Under the gate.</summary>
        public Turn(AgentTerms terms, Term term)
        {
            (_terms, _term) = (terms, term);
            term.Enter();
        }

        public CancellationToken End => _term.End;

        public void Dispose()
        {
            lock (_terms._gate)
            {
                _term.Leave();
            }
        }
    }
}
