using System.Text.Json.Serialization;

namespace InferenceRuntime.Contract;

/// <summary>A policy by its name; numbers are refused.</summary>
public sealed class CachePolicyJson() : JsonStringEnumConverter<CachePolicy>(namingPolicy: null, allowIntegerValues: false);
