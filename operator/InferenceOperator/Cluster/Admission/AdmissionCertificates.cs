using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Apply;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;

namespace InferenceOperator.Cluster.Admission;

/// <summary>Keeps the certificates of the webhook: in its Secret, in this process, and what API servers trust in its ValidatingWebhookConfiguration.</summary>
/// <remarks>
/// Each replica does so by itself. They agree by the Secret: whoever writes says which state of it was seen, and who comes second reads what the first one
/// wrote. Both objects are only ever read and written by name.
/// </remarks>
/// <param name="client">The API server; a client whose writes need no Lease.</param>
/// <param name="settings">Names.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears of renewals, and once of each thing that is in the way.</param>
internal sealed class AdmissionCertificates(KubernetesClient client, AdmissionSettings settings, TimeProvider time, ILogger logger)
{
    /// <summary>Time between two looks while all is well; far less than <see cref="CertificateTimes.Overlap"/>, in which all replicas have to look.</summary>
    public static readonly TimeSpan LookAfter = TimeSpan.FromMinutes(5);

    /// <summary>Time between two looks while something is in the way.</summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Tries to be the first to write before the next look.</summary>
    private const int TriesMax = 5;

    private static readonly Resource<JsonObject> Secrets = Resource.Untyped(ResourceType.Secrets);
    private static readonly Resource<JsonObject> Configurations =
        Resource.Untyped(new ResourceType("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", Namespaced: false));

    private volatile SslStreamCertificateContext? _served;
    private CertificateSet? _set;
    private string? _lack = "";

    /// <summary>What is served; null: nothing yet.</summary>
    public SslStreamCertificateContext? Served => _served;

    /// <summary>When what is served ends; null: nothing is served yet.</summary>
    public DateTimeOffset? Until => _served?.TargetCertificate.NotAfter.ToUniversalTime();

    private ObjectKey Secret => new(settings.Namespace, settings.Name);

    /// <summary>Keeps them until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var lack = await TendAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(lack is null ? LookAfter : RetryAfter, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once, and does what is to be done.</summary>
    /// <returns>What is in the way; null: nothing.</returns>
    public async Task<string?> TendAsync(CancellationToken cancellationToken)
    {
        string? lack;
        try
        {
            var set = await AgreeAsync(cancellationToken).ConfigureAwait(false);
            if (set is not null)
            {
                Serve(set);
            }

            lack = set is null ? $"Secret {Secret} changes all the time" : await RegisterAsync(set, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e)
        {
            lack = e.Message;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        if (lack != _lack)
        {
            if (lack is null)
            {
                logger.AdmissionRegistered();
            }
            else
            {
                logger.AdmissionLacks(lack);
            }
        }

        _lack = lack;
        return lack;
    }

    /// <summary>The certificates that all replicas share by now; null: others were faster each time.</summary>
    private async Task<CertificateSet?> AgreeAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TriesMax; attempt++)
        {
            var found = await client.GetAsync(Secrets, Secret, cancellationToken).ConfigureAwait(false);
            var current = found is null ? null : CertificateSet.Read(found.Value);
            if (CertificatePlan.Next(current, settings.ServerNames, time.GetUtcNow()) is not { } next)
            {
                return current;
            }

            try
            {
                await WriteAsync(found, next, cancellationToken).ConfigureAwait(false);
                var what = current?.Bundle == next.Bundle ? "a serving certificate" : current?.Certificate == next.Certificate ? "an authority" : "an authority and a serving certificate";
                logger.CertificatesRenewed(Secret, what);
                return next;
            }
            catch (ApiException e) when (e.Reason is ApiErrorReason.Conflict or ApiErrorReason.AlreadyExists or ApiErrorReason.NotFound)
            {
                // Another replica was faster, or somebody deleted it: what is there now counts.
            }
        }

        return null;
    }

    private Task<ApiObject<JsonObject>> WriteAsync(ApiObject<JsonObject>? found, CertificateSet next, CancellationToken cancellationToken)
    {
        if (found is not null)
        {
            var patch = new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = found.ResourceVersion }, ["data"] = next.ToData() };
            return client.PatchAsync(Secrets, Secret, patch, ChildApplier.FieldManager, cancellationToken);
        }

        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["namespace"] = Secret.Namespace,
                ["name"] = Secret.Name,
                ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = ChildApplier.FieldManager },
            },
            ["type"] = "Opaque",
            ["data"] = next.ToData(),
        };
        return client.CreateAsync(Secrets, secret, cancellationToken);
    }

    private void Serve(CertificateSet set)
    {
        if (set == _set && _served is not null)
        {
            return;
        }

        // Connections that were made with the one before may still use it: it is left to the collector.
        var certificate = CertificatePlan.Open(set);
        _served = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        _set = set;
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        logger.CertificateServed(until);
    }

    /// <summary>Has API servers trust the authorities.</summary>
    /// <returns>What is in the way; null: they do.</returns>
    private async Task<string?> RegisterAsync(CertificateSet set, CancellationToken cancellationToken)
    {
        var key = ObjectKey.ClusterScoped(settings.Name);
        var found = await client.GetAsync(Configurations, key, cancellationToken).ConfigureAwait(false);
        if (found?.Value["webhooks"] is not JsonArray { Count: > 0 } webhooks)
        {
            return $"there is no ValidatingWebhookConfiguration {settings.Name} with a webhook: it is installed with the operator (chart: admission.enabled; config/overlays/admission)";
        }

        var bundle = Convert.ToBase64String(Encoding.UTF8.GetBytes(set.Bundle));
        if (webhooks.All(webhook => (string?)webhook?["clientConfig"]?["caBundle"] == bundle))
        {
            return null;
        }

        // Server-side apply of this one field: whoever installed the object goes on owning all others.
        var patch = new JsonObject
        {
            ["apiVersion"] = "admissionregistration.k8s.io/v1",
            ["kind"] = "ValidatingWebhookConfiguration",
            ["metadata"] = new JsonObject { ["name"] = settings.Name, ["uid"] = found.Uid },
            ["webhooks"] = new JsonArray([.. webhooks.OfType<JsonObject>().Select(webhook => new JsonObject
            {
                ["name"] = webhook["name"]?.DeepClone(),
                ["clientConfig"] = new JsonObject { ["caBundle"] = bundle },
            })]),
        };
        await client.ApplyAsync(Configurations, patch, new(ChildApplier.FieldManager, Force: true), cancellationToken).ConfigureAwait(false);
        logger.BundleWritten(settings.Name, set.Authorities.Length);
        return null;
    }
}
