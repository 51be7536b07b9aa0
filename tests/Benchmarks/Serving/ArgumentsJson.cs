using System.Text.Json.Serialization;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Arguments of a command as a line.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class ArgumentsJson : JsonSerializerContext;
