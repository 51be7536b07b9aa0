using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Cluster.Admission;

/// <summary>The admission webhook, whole: certificates and listener.</summary>
/// <param name="client">The API server; disposed with the webhook.</param>
/// <param name="settings">Names and addresses.</param>
/// <param name="judge">What policies make of an agent.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of it.</param>
internal sealed class AdmissionWebhook(KubernetesClient client, AdmissionSettings settings, Func<InferenceAgent, PolicyJudgement> judge, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly TaskCompletionSource<int> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AdmissionCounts _counts = new();
    private readonly AdmissionCertificates _certificates = new(client, settings, time, logger);

    /// <summary>How it stands.</summary>
    public AdmissionFigures Figures => new(_counts.ToFigures(), _certificates.Until);

    /// <summary>The real port, once it listens.</summary>
    public Task<int> Port => _listening.Task;

    /// <summary>Listens and keeps the certificates until cancelled.</summary>
    /// <exception cref="IOException">The address is in use or not of this machine.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var endpoint = await AdmissionEndpoint.StartAsync(settings.Listen, () => _certificates.Served, new AdmissionReviewer(judge), _counts, time, cancellationToken).ConfigureAwait(false);
        await using (endpoint.ConfigureAwait(false))
        {
            _listening.SetResult(endpoint.Port);
            logger.AdmissionStarted(endpoint.Port);
            await _certificates.RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => client.Dispose();
}
