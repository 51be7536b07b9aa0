using System.Text.Json.Serialization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Learned;
using InferenceOperator.Core.Forecasting;
using InferenceOperator.Core.Policy;

namespace InferenceOperator.Core.Resource;

/// <summary>The JSON form of resources and decision records: camelCase, enums by name, nulls left out; what is not a finite number stands as a string.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    WriteIndented = false)]
[JsonSerializable(typeof(InferenceAgent))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(DecisionRecord))]
[JsonSerializable(typeof(DemandSeason))]
[JsonSerializable(typeof(InferencePolicy))]
[JsonSerializable(typeof(LearnedState))]
public sealed partial class AgentJson : JsonSerializerContext;
