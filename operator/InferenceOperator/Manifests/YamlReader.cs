using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace InferenceOperator.Manifests;

/// <summary>Reads YAML into JSON: several documents, scalars by YAML 1.2, duplicate keys refused, size and nesting bounded.</summary>
/// <remarks>An alias is a copy of what its anchor named; the copies count, so that a few lines cannot become gigabytes.</remarks>
internal static class YamlReader
{
    /// <summary>Characters of one text.</summary>
    public const int TextLengthMax = 4 << 20;

    /// <summary>Nodes of one text, copies by aliases counted.</summary>
    public const int NodesMax = 100_000;

    /// <summary>Nesting of one document.</summary>
    public const int DepthMax = 64;

    /// <summary>Reads all documents; a fault is a value.</summary>
    public static YamlReading Read(string text)
    {
        var documents = ImmutableArray.CreateBuilder<YamlDocument>();
        if (text.Length > TextLengthMax)
        {
            return new YamlReading([], new YamlFault(1, $"the text is over {TextLengthMax} characters"));
        }

        var line = 1;
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            var nodes = 0;
            while (parser.TryConsume<DocumentStart>(out var start))
            {
                line = (int)start.Start.Line;
                var reading = new Reading(parser, nodes);
                var first = (int)(parser.Current?.Start.Line ?? start.Start.Line);
                var content = reading.Node("", 0);
                documents.Add(new YamlDocument(content, first, reading.Lines.ToImmutable()));
                nodes = reading.Nodes;
                parser.Consume<DocumentEnd>();
            }

            return new YamlReading(documents.ToImmutable(), null);
        }
        catch (YamlException exception)
        {
            return new YamlReading(documents.ToImmutable(), new YamlFault(Math.Max(line, (int)exception.Start.Line), Sentence(exception)));
        }
    }

    private static string Sentence(YamlException exception) => exception.InnerException is FormatException inner ? inner.Message : exception.Message;

    private sealed class Reading(Parser parser, int nodes)
    {
        private readonly Dictionary<AnchorName, (JsonNode? Node, int Nodes)> _anchors = [];

        public ImmutableDictionary<string, int>.Builder Lines { get; } = ImmutableDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);

        public int Nodes { get; private set; } = nodes;

        public JsonNode? Node(string path, int depth)
        {
            var current = parser.Current ?? throw new YamlException("the text ends too early");
            Count(current, 1);
            if (depth > DepthMax)
            {
                throw new YamlException(current.Start, current.End, $"nested deeper than {DepthMax}");
            }

            if (path.Length > 0)
            {
                Lines.TryAdd(path, (int)current.Start.Line);
            }

            if (parser.TryConsume<AnchorAlias>(out var alias))
            {
                return Copy(alias);
            }

            var before = Nodes;
            var (anchor, node) = current switch
            {
                Scalar => Value(parser.Consume<Scalar>()),
                SequenceStart => Sequence(parser.Consume<SequenceStart>(), path, depth),
                MappingStart => Mapping(parser.Consume<MappingStart>(), path, depth),
                _ => throw new YamlException(current.Start, current.End, "a value is missing"),
            };
            if (!anchor.IsEmpty)
            {
                _anchors[anchor] = (node, Nodes - before + 1);
            }

            return node;
        }

        private JsonNode? Copy(AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value, out var named))
            {
                throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} names no anchor before it");
            }

            Count(alias, named.Nodes);
            return named.Node?.DeepClone();
        }

        private void Count(ParsingEvent at, int more)
        {
            Nodes += more;
            if (Nodes > NodesMax)
            {
                throw new YamlException(at.Start, at.End, $"more than {NodesMax} values");
            }
        }

        private static (AnchorName Anchor, JsonNode? Node) Value(Scalar scalar)
        {
            if (scalar.Style is not ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str" || scalar.Tag == "!")
            {
                return (scalar.Anchor, JsonValue.Create(scalar.Value));
            }

            if (!scalar.Tag.IsEmpty)
            {
                throw new YamlException(scalar.Start, scalar.End, $"the tag {scalar.Tag} is not known");
            }

            try
            {
                return (scalar.Anchor, YamlScalar.Read(scalar.Value));
            }
            catch (FormatException exception)
            {
                throw new YamlException(scalar.Start, scalar.End, exception.Message, exception);
            }
        }

        private (AnchorName Anchor, JsonNode? Node) Sequence(SequenceStart start, string path, int depth)
        {
            var array = new JsonArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                array.Add(Node(string.Create(CultureInfo.InvariantCulture, $"{path}[{array.Count}]"), depth + 1));
            }

            return (start.Anchor, array);
        }

        private (AnchorName Anchor, JsonNode? Node) Mapping(MappingStart start, string path, int depth)
        {
            var fields = new JsonObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key))
                {
                    var at = parser.Current ?? start;
                    throw new YamlException(at.Start, at.End, "a field's name must be a plain text");
                }

                if (fields.ContainsKey(key.Value))
                {
                    throw new YamlException(key.Start, key.End, $"the field '{key.Value}' is there twice");
                }

                var field = path.Length == 0 ? key.Value : $"{path}.{key.Value}";
                Lines.TryAdd(field, (int)key.Start.Line);
                fields[key.Value] = Node(field, depth + 1);
            }

            return (start.Anchor, fields);
        }
    }
}
