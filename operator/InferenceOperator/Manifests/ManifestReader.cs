using System.Collections.Immutable;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Manifests;

/// <summary>Reads the InferenceAgents of manifest files, strictly.</summary>
internal static class ManifestReader
{
    /// <summary>Reads a set of files.</summary>
    /// <param name="files">File names and their texts, in order. A text that could not be read is an exception's message with a null text.</param>
    public static ManifestSet Read(IEnumerable<ManifestText> files)
    {
        var building = new Building();
        foreach (var file in files)
        {
            building.Add(file);
        }

        return building.ToSet();
    }

    private sealed class Building
    {
        private readonly SortedDictionary<string, InferenceAgent> _agents = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);
        private readonly Dictionary<string, (string Key, string Place)> _places = new(StringComparer.Ordinal);
        private readonly ImmutableArray<ManifestFault>.Builder _faults = ImmutableArray.CreateBuilder<ManifestFault>();
        private readonly ImmutableArray<string>.Builder _remarks = ImmutableArray.CreateBuilder<string>();

        public void Add(ManifestText file)
        {
            if (file.Unreadable is { } reason)
            {
                Fault(key: null, file.Path, 1, [new FieldError("(file)", reason)], _ => 1);
                return;
            }

            var reading = YamlReader.Read(file.Text);
            foreach (var document in reading.Documents.Where(document => document.Content is not null))
            {
                Add(file.Path, document);
            }

            if (reading.Fault is { } fault)
            {
                Fault(key: null, file.Path, fault.Line, [new FieldError("(yaml)", fault.Message)], _ => fault.Line);
            }
        }

        public ManifestSet ToSet() =>
            new(_agents.ToImmutableSortedDictionary(StringComparer.Ordinal), _files.ToImmutableSortedDictionary(StringComparer.Ordinal), _faults.ToImmutable(), _remarks.ToImmutable());

        private void Add(string path, YamlDocument document)
        {
            var fields = document.Content as JsonObject;
            var kind = Text(fields, "kind");
            if (kind == PolicyNames.Kind)
            {
                AddPolicy(path, document);
                return;
            }

            if (fields is not null && kind is not null && kind != ResourceNames.Kind)
            {
                _remarks.Add($"{path}({document.Line}): a {kind} is passed over; only {ResourceNames.Kind} is taken");
                return;
            }

            switch (AgentManifest.Read(document.Content))
            {
                case ManifestReading.Accepted accepted:
                    Add(path, document, Absolute(accepted.Agent, path));
                    break;
                case ManifestReading.Rejected rejected:
                    Fault(KeyOf(fields), path, document.Line, rejected.Errors, document.LineOf);
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        private void AddPolicy(string path, YamlDocument document)
        {
            if (PolicyManifest.Read(document.Content) is PolicyReading.Rejected { Errors: var errors })
            {
                Fault(key: null, path, document.Line, errors, document.LineOf);
            }
            else
            {
                _remarks.Add($"{path}({document.Line}): an {PolicyNames.Kind}, good, which is in force in a cluster alone");
            }
        }

        // The endpoint knows agents by name alone, so two of one name cannot both be served whatever their namespaces.
        private void Add(string path, YamlDocument document, InferenceAgent agent)
        {
            if (_places.TryGetValue(agent.Metadata.Name, out var first))
            {
                var error = new FieldError("metadata.name", $"an agent '{agent.Metadata.Name}' is declared at {first.Place} already; locally names must differ");
                Fault(first.Key == agent.Key() ? null : agent.Key(), path, document.Line, [error], document.LineOf);
                return;
            }

            _places.Add(agent.Metadata.Name, (agent.Key(), $"{path}({document.Line})"));
            _agents.Add(agent.Key(), agent);
            _files.Add(agent.Key(), path);
        }

        private void Fault(string? key, string path, int line, ImmutableArray<FieldError> errors, Func<string, int> lineOf) =>
            _faults.Add(new ManifestFault(key, path, line, errors)
            {
                Lines = [.. errors.Select(error => $"{path}({lineOf(error.Path)}): {error}")],
            });

        private static InferenceAgent Absolute(InferenceAgent agent, string path)
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
            return agent with
            {
                Spec = agent.Spec with
                {
                    Model = Absolute(agent.Spec.Model, folder),
                    Variants = agent.Spec.Variants?.Select(variant => variant with { Model = Absolute(variant.Model, folder) }).ToList(),
                },
            };
        }

        private static ModelSpec Absolute(ModelSpec model, string folder) =>
            ModelLocation.TryParse(model.Uri, out var location, out _) && location is ModelLocation.LocalFile file
                ? model with { Uri = "file://" + Path.GetFullPath(file.Path, folder) }
                : model;

        private static string? KeyOf(JsonObject? fields) =>
            fields?["metadata"] is JsonObject metadata && Text(metadata, "name") is { } name
                ? $"{Text(metadata, "namespace") ?? AgentMetadata.DefaultNamespace}/{name}"
                : null;

        private static string? Text(JsonObject? fields, string name) =>
            fields?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
    }
}
