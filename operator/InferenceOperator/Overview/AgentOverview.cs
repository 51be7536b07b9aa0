using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Overview;

/// <summary>One agent as it is stored, and what that comes to. Read leniently: what an older or newer release wrote is shown as far as it is understood.</summary>
internal sealed record AgentOverview
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public required Standing Standing { get; init; }

    public required AgentStatus Status { get; init; }

    /// <summary>Latency that the SLO allows; null: none is declared.</summary>
    public string? Target { get; init; }

    /// <summary>Percentile of the SLO; null: none is declared.</summary>
    public string? Percentile { get; init; }

    public string Mode { get; init; } = nameof(ScalingMode.Auto);

    public string Model { get; init; } = "";

    public int GpusPerReplica { get; init; }

    public string GpuResource { get; init; } = "";

    public string Key => $"{Namespace}/{Name}";

    /// <summary>GPUs of the replicas that are wanted.</summary>
    public int Gpus => GpusPerReplica * Status.Replicas;

    /// <summary>Price of the replicas that are wanted for an hour; null: nobody said what they cost.</summary>
    public decimal? CostPerHour => decimal.TryParse(Status.Cost?.PerHour, NumberStyles.Number, CultureInfo.InvariantCulture, out var cost) ? cost : null;

    /// <param name="stored">The resource as JSON.</param>
    /// <param name="now">The time (UTC).</param>
    public static AgentOverview Of(JsonObject stored, DateTimeOffset now)
    {
        var (metadata, spec) = (stored["metadata"] as JsonObject, stored["spec"] as JsonObject);
        var (latency, gpu) = (Part(Part(spec, "slo"), "latency"), Part(spec, "gpu"));
        var status = ReadStatus(stored["status"]);
        return new AgentOverview
        {
            Namespace = Text(metadata, "namespace") ?? AgentMetadata.DefaultNamespace,
            Name = Text(metadata, "name") ?? "",
            Standing = Standing.Of(status, Number(metadata, "generation"), now),
            Status = status ?? new AgentStatus(),
            Target = Text(latency, "target"),
            Percentile = Text(latency, "percentile"),
            Mode = Text(Part(spec, "scaling"), "mode") ?? nameof(ScalingMode.Auto),
            Model = Text(Part(spec, "model"), "uri") ?? "",
            GpusPerReplica = (int)Number(gpu, "count"),
            GpuResource = Text(gpu, "resource") ?? "",
        };
    }

    private static AgentStatus? ReadStatus(JsonNode? status)
    {
        try
        {
            return status?.Deserialize(AgentJson.Default.AgentStatus);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject? Part(JsonObject? parent, string name) => parent?[name] as JsonObject;

    private static string? Text(JsonObject? parent, string name) => parent?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static long Number(JsonObject? parent, string name) => parent?[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : 0;
}
