using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes;
using InferenceOperator.Testing.Servers;
using static InferenceOperator.Tests.Cluster.Kit.ClientExtensions;

namespace InferenceOperator.Tests.Cluster.Kit.Nodes;

/// <summary>The volumes of a pod as folders, and the paths of its containers among them.</summary>
internal sealed class PodVolumes : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    /// <summary>Makes the folders.</summary>
    /// <exception cref="InvalidOperationException">A kind of volume that this node does not have, or an object that is not there.</exception>
    public static async Task<PodVolumes> MountAsync(KubernetesClient client, string ns, JsonObject spec, TestNodeOptions options, CancellationToken cancellationToken)
    {
        var volumes = new PodVolumes();
        foreach (var volume in spec["volumes"]?.AsArray().OfType<JsonObject>() ?? [])
        {
            var name = (string)volume["name"]!;
            volumes._folders[name] = (string?)volume["persistentVolumeClaim"]?["claimName"] is { } claim ? options.Claims[claim] : await volumes.FillAsync(client, ns, name, volume, cancellationToken);
        }

        return volumes;
    }

    /// <summary>A text of the container's with the paths of its mounts made paths of this machine.</summary>
    public string Here(string text, JsonObject container)
    {
        foreach (var mount in container["volumeMounts"]?.AsArray().OfType<JsonObject>().OrderByDescending(static m => ((string)m["mountPath"]!).Length) ?? Enumerable.Empty<JsonObject>())
        {
            var path = (string)mount["mountPath"]!;
            var at = text.IndexOf(path, StringComparison.Ordinal);
            if (at >= 0 && (at == 0 || text[at - 1] == '=') && (at + path.Length == text.Length || text[at + path.Length] == '/'))
            {
                var sub = (string?)mount["subPath"];
                var folder = _folders[(string)mount["name"]!];
                return text[..at] + (sub is null ? folder : Path.Combine(folder, sub)) + text[(at + path.Length)..];
            }
        }

        return text;
    }

    /// <summary>A file of the pod's that no volume holds.</summary>
    public string File(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    private async Task<string> FillAsync(KubernetesClient client, string ns, string name, JsonObject volume, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(_folder.File("volume-" + name)).FullName;
        if ((string?)volume["configMap"]?["name"] is { } map)
        {
            var found = await client.GetAsync(ConfigMaps, new(ns, map), cancellationToken) ?? throw new InvalidOperationException($"configmap {map} not found");
            foreach (var (key, value) in found.Value["data"]!.AsObject())
            {
                await System.IO.File.WriteAllTextAsync(Path.Combine(folder, key), (string)value!, cancellationToken);
            }
        }
        else if ((string?)volume["secret"]?["secretName"] is { } secret)
        {
            var found = await client.GetAsync(Secrets, new(ns, secret), cancellationToken) ?? throw new InvalidOperationException($"secret {secret} not found");
            foreach (var (key, value) in found.Value["data"]!.AsObject())
            {
                await System.IO.File.WriteAllBytesAsync(Path.Combine(folder, key), Convert.FromBase64String((string)value!), cancellationToken);
            }
        }
        else if (!volume.ContainsKey("emptyDir"))
        {
            throw new InvalidOperationException($"the test's node has no volumes such as {volume.ToJsonString()}");
        }

        return folder;
    }
}
