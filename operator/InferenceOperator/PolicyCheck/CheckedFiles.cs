using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;
using InferenceOperator.Kubernetes;
using InferenceOperator.Manifests;

namespace InferenceOperator.PolicyCheck;

/// <summary>What a check reads: policies, agents, and the labels of namespaces.</summary>
/// <param name="Policies">Good ones.</param>
/// <param name="Agents">Good ones.</param>
/// <param name="Namespaces">Labels of namespaces by name.</param>
/// <param name="Faults">What is wrong, each naming its place.</param>
internal sealed record CheckedFiles(
    ImmutableArray<InferencePolicy> Policies,
    ImmutableArray<InferenceAgent> Agents,
    ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> Namespaces,
    ImmutableArray<string> Faults)
{
    private static readonly Resource<JsonObject> ClusterAgents = Resource.Untyped(ClusterView.Agents);
    private static readonly Resource<JsonObject> ClusterNamespaces = Resource.Untyped(ResourceType.Namespaces);

    /// <summary>Reads a file or folder of manifests; kinds that a check does not need are passed over.</summary>
    public static async Task<CheckedFiles> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var builder = new Builder();
        foreach (var file in await ManifestFolder.ReadAsync(path, cancellationToken).ConfigureAwait(false))
        {
            builder.Add(file);
        }

        return builder.ToFiles();
    }

    /// <summary>Reads the agents and namespaces of a cluster.</summary>
    /// <exception cref="Kubernetes.Errors.ApiException">They cannot be read.</exception>
    public static async Task<CheckedFiles> FromAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        var builder = new Builder();
        foreach (var ns in (await client.ListAsync(ClusterNamespaces, ResourceScope.All, cancellationToken).ConfigureAwait(false)).Items)
        {
            builder.AddNamespace(ns.Value);
        }

        foreach (var agent in (await client.ListAsync(ClusterAgents, ResourceScope.All, cancellationToken).ConfigureAwait(false)).Items)
        {
            (agent.Value["apiVersion"], agent.Value["kind"]) = (ResourceNames.ApiVersion, ResourceNames.Kind);
            builder.Add(agent.Key.ToString(), agent.Value, _ => "");
        }

        return builder.ToFiles();
    }

    private sealed class Builder
    {
        private readonly ImmutableArray<InferencePolicy>.Builder _policies = ImmutableArray.CreateBuilder<InferencePolicy>();
        private readonly ImmutableArray<InferenceAgent>.Builder _agents = ImmutableArray.CreateBuilder<InferenceAgent>();
        private readonly ImmutableArray<string>.Builder _faults = ImmutableArray.CreateBuilder<string>();
        private readonly Dictionary<string, ImmutableSortedDictionary<string, string>> _namespaces = new(StringComparer.Ordinal);

        public void Add(ManifestText file)
        {
            if (file.Unreadable is { } reason)
            {
                _faults.Add($"{file.Path}: {reason}");
                return;
            }

            var reading = YamlReader.Read(file.Text);
            foreach (var document in reading.Documents)
            {
                Add(file.Path, document.Content, field => $"({document.LineOf(field)})");
            }

            if (reading.Fault is { } fault)
            {
                _faults.Add($"{file.Path}({fault.Line}): {fault.Message}");
            }
        }

        public void Add(string place, JsonNode? content, Func<string, string> lineOf)
        {
            switch (Text(content, "kind"))
            {
                case ResourceNames.Kind:
                    Add(AgentManifest.Read(content), place, lineOf);
                    break;
                case PolicyNames.Kind:
                    Add(PolicyManifest.Read(content), place, lineOf);
                    break;
                case "Namespace":
                    AddNamespace(content!.AsObject()); // It has a kind.
                    break;
            }
        }

        private void Add(ManifestReading reading, string place, Func<string, string> lineOf)
        {
            if (reading is ManifestReading.Accepted { Agent: var agent })
            {
                _agents.Add(agent);
            }
            else if (reading is ManifestReading.Rejected { Errors: var errors })
            {
                Fault(place, errors, lineOf);
            }
        }

        private void Add(PolicyReading reading, string place, Func<string, string> lineOf)
        {
            if (reading is PolicyReading.Accepted { Policy: var policy })
            {
                _policies.Add(policy);
            }
            else if (reading is PolicyReading.Rejected { Errors: var errors })
            {
                Fault(place, errors, lineOf);
            }
        }

        public void AddNamespace(JsonObject value)
        {
            if (Text(value["metadata"], "name") is { } name)
            {
                _namespaces[name] = (value["metadata"]?["labels"] as JsonObject ?? [])
                    .Where(static label => label.Value is JsonValue)
                    .ToImmutableSortedDictionary(static label => label.Key, static label => label.Value!.ToString(), StringComparer.Ordinal); // Filtered just before.
            }
        }

        public CheckedFiles ToFiles() => new(_policies.ToImmutable(), _agents.ToImmutable(), _namespaces.ToImmutableDictionary(StringComparer.Ordinal), _faults.ToImmutable());

        private static string? Text(JsonNode? node, string name) => (node as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

        private void Fault(string place, ImmutableArray<FieldError> errors, Func<string, string> lineOf) =>
            _faults.AddRange(errors.Select(error => $"{place}{lineOf(error.Path)}: {error}"));
    }
}
