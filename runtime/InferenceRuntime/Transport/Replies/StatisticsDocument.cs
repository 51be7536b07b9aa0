using System.Text.Json;
using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Transport.Replies;

/// <summary><c>GET …/stats</c>: Triton's statistics extension. Durations are nanoseconds.</summary>
/// <remarks>A request that shared the computation of an equal one is a hit. Lookups are counted and not timed.</remarks>
internal static class StatisticsDocument
{
    private static readonly DateTimeOffset Epoch = DateTimeOffset.UnixEpoch;

    /// <summary>The statistics of the versions that serve, one element for each.</summary>
    public static ReadOnlyMemory<byte> Write(IEnumerable<IInferenceEngine> engines) => JsonBody.Object(json =>
    {
        json.WriteStartArray("model_stats");
        foreach (var engine in engines)
        {
            WriteModel(json, engine.Signature.Name, engine.Signature.Version, engine.Statistics.ReadModel(), engine.Cache ?? default);
        }

        json.WriteEndArray();
    });

    private static void WriteModel(Utf8JsonWriter json, string name, string version, ModelStatistics model, CacheSnapshot cache)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("version", version);
        json.WriteNumber("last_inference", (long)(model.LastInferenceAt - Epoch).TotalMilliseconds);
        json.WriteNumber("inference_count", model.InferenceCount);
        json.WriteNumber("execution_count", model.ExecutionCount);
        json.WriteStartObject("inference_stats");
        WriteDuration(json, "success", model.Success);
        WriteDuration(json, "fail", model.Failure);
        WriteDuration(json, "queue", model.Queue);
        WriteDuration(json, "compute_input", model.ComputeInput);
        WriteDuration(json, "compute_infer", model.ComputeInfer);
        WriteDuration(json, "compute_output", model.ComputeOutput);
        WriteDuration(json, "cache_hit", new DurationSum(cache.Hits + cache.Joined, TimeSpan.Zero));
        WriteDuration(json, "cache_miss", new DurationSum(cache.Misses, TimeSpan.Zero));
        json.WriteEndObject();
        json.WriteStartArray("batch_stats");
        foreach (var size in model.BatchSizes)
        {
            json.WriteStartObject();
            json.WriteNumber("batch_size", size.Rows);
            WriteDuration(json, "compute_input", size.ComputeInput);
            WriteDuration(json, "compute_infer", size.ComputeInfer);
            WriteDuration(json, "compute_output", size.ComputeOutput);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("memory_usage");
        json.WriteEndArray();
        json.WriteStartObject("response_stats");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDuration(Utf8JsonWriter json, string name, DurationSum sum)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", sum.Count);
        json.WriteNumber("ns", sum.Total.Ticks * TimeSpan.NanosecondsPerTick);
        json.WriteEndObject();
    }
}
