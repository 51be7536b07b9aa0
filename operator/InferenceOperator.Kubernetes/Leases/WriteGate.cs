using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Kubernetes.Leases;

/// <summary>
/// Stands before the connections and refuses to send what would change something while the right to do so has run out. A process that was
/// stopped for a while, and whose timers have not fired yet, is caught here.
/// </summary>
/// <param name="inner">Carries the requests.</param>
/// <param name="mayWrite">Asked at each change, on any thread.</param>
public sealed class WriteGate(HttpMessageHandler inner, Func<bool> mayWrite) : DelegatingHandler(inner)
{
    private long _refused;

    /// <summary>Requests that were not sent.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Method == HttpMethod.Get || mayWrite())
        {
            return base.SendAsync(request, cancellationToken);
        }

        Interlocked.Increment(ref _refused);
        throw new ApiException($"{request.Method} {request.RequestUri?.AbsolutePath}", ApiErrorReason.LeaseLost, "not sent: the Lease that allows it was not renewed in time", inner: null);
    }
}
