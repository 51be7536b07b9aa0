using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Tests.Schema;

public sealed class SchemaMatchesTypesTests
{
    [Fact]
    public void The_schema_of_the_spec_has_exactly_the_properties_of_its_records() => Compare(SpecSchema.Root, typeof(AgentSpec), "spec");

    [Fact]
    public void The_schema_of_the_status_has_exactly_the_properties_of_its_records() => Compare(StatusSchema.Root, typeof(AgentStatus), "status");

    [Fact]
    public void The_schema_of_a_policy_has_exactly_the_properties_of_its_records() => Compare(PolicySchema.Root.Fields.Single(static f => f.Name == "spec").Node, typeof(PolicySpec), "spec");

    private static void Compare(SchemaNode schema, Type type, string path)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        switch (schema)
        {
            case SchemaNode.Object node when type == typeof(JsonObject):
                Assert.True(node.PreservesUnknown, path);
                break;
            case SchemaNode.Object node:
                CompareFields(node, type, path);
                break;
            case SchemaNode.List node:
                Compare(node.Items, Assert.Single(type.GetGenericArguments()), path + "[]");
                break;
            case SchemaNode.Map node:
                Compare(node.Values, type.GetGenericArguments() is [var key, var value] && key == typeof(string) ? value : type, path + "[]");
                break;
            case SchemaNode.Choice node:
                Assert.True(type.IsEnum, path);
                Assert.Equal(Enum.GetNames(type).Order(), node.Names.Order());
                break;
            case SchemaNode.Whole:
                Assert.True(type == typeof(int) || type == typeof(long), path);
                break;
            case SchemaNode.Step:
                Assert.Equal(typeof(StepLimit), type);
                break;
            case SchemaNode.Flag:
                Assert.Equal(typeof(bool), type);
                break;
            case SchemaNode.Text { ServerFormat: "date-time" }:
                Assert.Equal(typeof(DateTimeOffset), type);
                break;
            case SchemaNode.Text { Format: TextFormat.Duration }:
                Assert.Equal(typeof(Duration), type);
                break;
            case SchemaNode.Text:
                Assert.True(type == typeof(string) || type == typeof(Duration), $"{path} is {type}");
                break;
            default:
                Assert.Fail($"{path}: {schema.GetType()} has no place in a record");
                break;
        }
    }

    private static void CompareFields(SchemaNode.Object node, Type type, string path)
    {
        var json = AgentJson.Default.GetTypeInfo(type);
        Assert.True(json is { Kind: JsonTypeInfoKind.Object }, $"{path}: {type} is not in the JSON context");
        Assert.Equal(json.Properties.Where(p => p.Get is not null).Select(p => p.Name).Order(), node.Fields.Select(f => f.Name).Order());
        foreach (var field in node.Fields)
        {
            var property = json.Properties.Single(p => p.Name == field.Name);
            if (path.StartsWith("spec", StringComparison.Ordinal))
            {
                Assert.True(field.Required == property.IsRequired, $"{path}.{field.Name}: required in only one of schema and record");
            }

            Assert.True(field.Node.Description.Length > 10, $"{path}.{field.Name} has no description");
            Compare(field.Node, property.PropertyType, $"{path}.{field.Name}");
        }
    }
}
