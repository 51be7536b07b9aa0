using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Children;
using InferenceOperator.Core.Resource;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.Workloads;

namespace InferenceOperator.Cluster;

/// <summary>The tokens of the admin ports: made once for each agent, kept in its Secret, remembered here.</summary>
/// <remarks>
/// Secrets are never listed or watched, so that the operator needs no right to read all of them. A Secret is looked at again
/// after <see cref="BelievedFor"/>: a deleted one comes back with the same token, a changed one is taken over.
/// </remarks>
internal sealed class AdminTokens(KubernetesClient client, TimeProvider time, ILogger<AdminTokens> logger)
{
    /// <summary>How long a token is believed without looking.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromMinutes(10);

    private static readonly Resource<JsonObject> Secrets = Resource.Untyped(ResourceType.Secrets);

    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset SeenAt)> _known = new(StringComparer.Ordinal);

    /// <summary>The agent's token, from memory or from its Secret; null when there is none yet.</summary>
    /// <exception cref="WorkloadException">The API server does not show the Secret.</exception>
    public async ValueTask<string?> FindAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var known = _known.GetValueOrDefault(agent.Metadata.Uid);
        if (known.Token is not null && time.GetUtcNow() - known.SeenAt < BelievedFor)
        {
            return known.Token;
        }

        var found = await ReadAsync(agent, cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            _known[agent.Metadata.Uid] = (found, time.GetUtcNow());
        }

        return found;
    }

    /// <summary>The agent's token; its Secret is made when there is none.</summary>
    /// <exception cref="WorkloadException">The Secret cannot be read or made, or belongs to somebody else.</exception>
    public async ValueTask<string> EnsureAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        if (await FindAsync(agent, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        var token = _known.GetValueOrDefault(agent.Metadata.Uid).Token ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretManifest.TokenBytes));
        try
        {
            await client.CreateAsync(Secrets, SecretManifest.Render(agent, token), cancellationToken).ConfigureAwait(false);
            logger.AdminTokenMade(agent.Metadata.Namespace, agent.Metadata.Name);
        }
        catch (ApiException e) when (e.Reason is ApiErrorReason.AlreadyExists)
        {
            // Somebody was faster, another operator for example: there is one token, and it is theirs.
            token = await ReadAsync(agent, cancellationToken).ConfigureAwait(false)
                ?? throw new WorkloadException($"the Secret {agent.Metadata.Namespace}/{ChildNames.Of(agent.Metadata.Name).AdminToken} comes and goes", e);
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }

        _known[agent.Metadata.Uid] = (token, time.GetUtcNow());
        return token;
    }

    /// <summary>Forgets the token of an agent that is gone.</summary>
    public void Forget(string uid) => _known.TryRemove(uid, out _);

    private async ValueTask<string?> ReadAsync(InferenceAgent agent, CancellationToken cancellationToken)
    {
        var name = ChildNames.Of(agent.Metadata.Name).AdminToken;
        try
        {
            var secret = await client.GetAsync(Secrets, new(agent.Metadata.Namespace, name), cancellationToken).ConfigureAwait(false);
            if (secret is null)
            {
                return null;
            }

            if (OwnerReference.ControllerUid(secret.Value) != agent.Metadata.Uid)
            {
                throw new WorkloadException($"Secret {secret.Key} exists and does not belong to this InferenceAgent; it is left alone: rename or delete it") { IsRefusal = true };
            }

            return SecretManifest.TokenOf(secret.Value)
                ?? throw new WorkloadException($"Secret {secret.Key} holds no admin token of letters and digits, at least {SecretManifest.TokenBytes}, under '{RuntimePaths.AdminTokenFile}': delete it to have a new one") { IsRefusal = true };
        }
        catch (ApiException e)
        {
            throw new WorkloadException(e);
        }
    }
}
