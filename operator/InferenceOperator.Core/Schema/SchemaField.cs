namespace InferenceOperator.Core.Schema;

/// <summary>A named field of an object.</summary>
internal sealed record SchemaField(string Name, SchemaNode Node, bool Required = false);
