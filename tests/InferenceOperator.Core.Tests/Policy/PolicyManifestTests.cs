using System.Text.Json.Nodes;
using InferenceOperator.Core.Policy;

namespace InferenceOperator.Core.Tests.Policy;

public sealed class PolicyManifestTests
{
    /// <summary>Set to 1, the test writes the file instead of comparing it.</summary>
    private const string UpdateVariable = "UPDATE_GENERATED";

    [Theory]
    [InlineData("crds")]
    [InlineData("charts/inference-operator/files/crds")]
    public void The_file_in_crds_is_what_the_schema_says(string folder)
    {
        var path = Repository.File(folder, $"{PolicyNames.CrdName}.yaml");
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, PolicyCrd.Render());
        }

        Assert.True(File.ReadAllText(path) == PolicyCrd.Render(), $"{path} is out of date: run this test once with {UpdateVariable}=1");
    }

    [Theory]
    [InlineData(""" "ceiling": {} """, "spec.ceiling: ")]
    [InlineData(""" "ceilings": {"replicas": 0} """, "spec.ceilings.replicas: ")]
    [InlineData(""" "slo": {"targetAtMost": "fast"} """, "spec.slo.targetAtMost: ")]
    [InlineData(""" "slo": {"percentileAtLeast": "49"} """, "spec.slo.percentileAtLeast: ")]
    [InlineData(""" "priority": {"atLeast": 2, "atMost": 1} """, "spec.priority.atLeast: ")]
    [InlineData(""" "agents": {"matchExpressions": [{"key": "a", "operator": "In"}]} """, "spec.agents.matchExpressions[0].values: ")]
    [InlineData(""" "agents": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]} """, "spec.agents.matchExpressions[0].values: ")]
    [InlineData(""" "minAccuracy": "1.5" """, "spec.minAccuracy: ")]
    public void What_is_wrong_is_named_by_its_field(string spec, string begin)
    {
        var reading = PolicyManifest.Read(JsonNode.Parse($$"""
            {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "p"}, "spec": { {{spec}} } }
            """));

        var errors = Assert.IsType<PolicyReading.Rejected>(reading).Errors;
        Assert.Contains(errors, error => error.ToString().StartsWith(begin, StringComparison.Ordinal));
    }

    [Fact]
    public void Another_kind_is_not_a_policy() =>
        Assert.IsType<PolicyReading.Rejected>(PolicyManifest.Read(JsonNode.Parse("""{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "p"}, "spec": {}}""")));
}
