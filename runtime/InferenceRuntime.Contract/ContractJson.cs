using System.Text.Json.Serialization;

namespace InferenceRuntime.Contract;

/// <summary>The JSON form of every message; camelCase; unknown and repeated members and misplaced nulls are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    WriteIndented = false)]
[JsonSerializable(typeof(RuntimeSettings))]
[JsonSerializable(typeof(ReplicaState))]
[JsonSerializable(typeof(ReplicaEndpoints))]
[JsonSerializable(typeof(ErrorReply))]
public sealed partial class ContractJson : JsonSerializerContext;
