using System.Globalization;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The container that brings models into a pod before the runtime starts in it. It alone mounts the credentials.</summary>
internal static class FetchContainer
{
    /// <summary>Its name.</summary>
    public const string Name = "fetch";

    /// <summary>Longest that it may take, beyond which it is started again and goes on, minutes.</summary>
    public const int MinutesMax = 60;

    /// <param name="agent">The agent.</param>
    /// <param name="image">Image of the runtime.</param>
    /// <param name="resources">What the runtime's container gets, without GPUs; null: nothing is said.</param>
    /// <returns>Null: nothing is fetched.</returns>
    public static JsonObject? Render(InferenceAgent agent, string image, JsonNode? resources)
    {
        if (!AgentModels.Fetched(agent.Spec).Any())
        {
            return null;
        }

        var container = OwnContainer.Render(
            Name,
            image,
            Arguments(agent.Spec),
            serving: [],
            [
                .. ModelVolumes.StoreMounts.Select(static mount => OwnContainer.Mount(mount.Volume, mount.Folder, readOnly: false)),
                .. Secrets(agent.Spec).Select(static secret => OwnContainer.Mount(secret.Volume, secret.Folder, readOnly: true)),
                OwnContainer.Mount("settings", RuntimePaths.SettingsFolder, readOnly: true),
                OwnContainer.Mount("tmp", RuntimePaths.Temporary, readOnly: false),
            ]);
        if (resources is not null)
        {
            container["resources"] = resources.DeepClone();
        }

        return container;
    }

    /// <summary>The volumes of the credentials.</summary>
    public static IEnumerable<JsonObject> Volumes(AgentSpec spec) => Secrets(spec).Select(static secret => new JsonObject
    {
        ["name"] = secret.Volume,
        ["secret"] = new JsonObject { ["secretName"] = secret.Name },
    });

    private static JsonArray Arguments(AgentSpec spec)
    {
        var folders = Secrets(spec).ToDictionary(static secret => secret.Name, static secret => secret.Folder, StringComparer.Ordinal);
        List<string> arguments = ["fetch"];
        foreach (var (_, name, model) in AgentModels.Fetched(spec))
        {
            arguments.AddRange(["--model", $"{name}={model.Uri}"]);
            arguments.AddRange(model.Sha256 is { } pin ? ["--sha256", $"{name}={pin}"] : []);
            arguments.AddRange((model.Data ?? []).OrderBy(static file => file.Path, StringComparer.Ordinal).SelectMany(file => (string[])["--data-sha256", $"{name}/{file.Path}={file.Sha256}"]));
            arguments.AddRange(model.Auth is { } auth ? ["--access", $"{name}={folders[auth.SecretName]}"] : []);
        }

        arguments.AddRange(
        [
            "--store", $"{RuntimePaths.ModelStore}/inference-models",
            "--links", RuntimePaths.ModelLinks,
            "--writer", $"$({OwnContainer.PodName})",
            "--max-model-bytes", spec.Store.Size,
            "--max-store-bytes", spec.Store.Size,
            "--allow-sources-file", $"{RuntimePaths.SettingsFolder}/{RuntimePaths.ModelSourcesFile}",
            "--timeout", string.Create(CultureInfo.InvariantCulture, $"{MinutesMax}m"),
            "--termination-log", RuntimePaths.TerminationLog,
        ]);
        arguments.AddRange(spec.Store.RemoveUnusedAfterDays is { } days ? ["--remove-unused-days", days.ToString(CultureInfo.InvariantCulture)] : []);
        return new JsonArray([.. arguments.Select(static argument => JsonValue.Create(argument))]);
    }

    private static IEnumerable<(string Name, string Volume, string Folder)> Secrets(AgentSpec spec) => AgentModels.Fetched(spec)
        .Select(static model => model.Model.Auth?.SecretName)
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)
        .Select(static (name, i) => (name, $"model-auth-{i}", $"{RuntimePaths.ModelAuth}/{i}"));
}
