using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace InferenceOperator.Core.Schema;

/// <summary>One node of the declarative schema. The CRD, the strict check of manifests and the defaults all come from it.</summary>
internal abstract record SchemaNode
{
    private SchemaNode()
    {
    }

    /// <summary>What the field is, with its unit; <c>kubectl explain</c> shows it.</summary>
    public string Description { get; init; } = "";

    /// <summary>JSON text of the value that a missing field gets; null: none.</summary>
    public string? Default { get; init; }

    /// <summary>An object with named fields.</summary>
    public sealed record Object(ImmutableArray<SchemaField> Fields) : SchemaNode
    {
        /// <summary>True: fields that are not named pass unchecked.</summary>
        public bool PreservesUnknown { get; init; }

        /// <summary>Rules over several fields.</summary>
        public ImmutableArray<CrossFieldRule> Rules { get; init; } = [];
    }

    /// <summary>Text.</summary>
    public sealed record Text : SchemaNode
    {
        /// <summary>What the text means; checked by the operator beyond <see cref="Pattern"/>.</summary>
        public TextFormat Format { get; init; } = TextFormat.Plain;

        /// <summary>Regular expression that the API server checks; anchored.</summary>
        public string? Pattern { get; init; }

        /// <summary>Kubernetes' name of the format: <c>date-time</c>.</summary>
        public string? ServerFormat { get; init; }

        public int LengthMax { get; init; } = 1024;

        public ImmutableArray<CrossFieldRule> Rules { get; init; } = [];
    }

    /// <summary>One of several names.</summary>
    public sealed record Choice(ImmutableArray<string> Names) : SchemaNode;

    /// <summary>A whole number within bounds, both included.</summary>
    public sealed record Whole(long Minimum, long Maximum) : SchemaNode;

    /// <summary>True or false.</summary>
    public sealed record Flag : SchemaNode;

    /// <summary>A list; with <see cref="Key"/>, a map by that field of its items.</summary>
    public sealed record List(SchemaNode Items, int CountMax) : SchemaNode
    {
        public string? Key { get; init; }
    }

    /// <summary>Any names, values of one form.</summary>
    public sealed record Map(SchemaNode Values, int CountMax) : SchemaNode;

    /// <summary>A Kubernetes quantity: a whole number, or text.</summary>
    public sealed record Amount : SchemaNode;

    /// <summary>A <see cref="Resource.StepLimit"/>: a whole number, or text with a percent sign.</summary>
    public sealed record Step : SchemaNode;

    /// <summary>An object of any content.</summary>
    public sealed record Anything : SchemaNode;

    /// <summary>A fresh copy of the default, or null when there is none.</summary>
    public JsonNode? NewDefault() => Default is null ? null : JsonNode.Parse(Default);
}
