namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>A connection that breaks on command, and cuts watches in the middle of whatever they are saying.</summary>
/// <param name="cutAfter">How many bytes of the next watch get through; null for all.</param>
internal sealed class Saboteur(HttpMessageHandler inner, Func<int?> cutAfter) : DelegatingHandler(inner)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _broken = new();
    private bool _closed;
    private int _cuts;

    /// <summary>How many watches were cut short.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Breaks all watches and refuses requests until <see cref="Open"/>.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _broken.Cancel();
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _closed = false;
            _broken = new CancellationTokenSource();
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        CancellationToken broken;
        lock (_gate)
        {
            broken = _closed ? throw new HttpRequestException("The test has cut the connection.") : _broken.Token;
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal) && response.IsSuccessStatusCode)
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            response.Content = new StreamContent(new FragileStream(stream, cutAfter() ?? int.MaxValue, () => Interlocked.Increment(ref _cuts), broken));
        }

        return response;
    }

    private sealed class FragileStream(Stream inner, int left, Action onCut, CancellationToken broken) : ReadOnlyStream(inner)
    {
        private int _left = left;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
            {
                onCut();
                throw new IOException("The test has cut the watch.");
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, broken);
            try
            {
                var count = await Inner.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], either.Token);
                _left -= count;
                return count;
            }
            catch (OperationCanceledException) when (broken.IsCancellationRequested)
            {
                onCut();
                throw new IOException("The test has cut the connection.");
            }
        }
    }
}
