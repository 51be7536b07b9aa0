using InferenceOperator.Manifests;

namespace InferenceOperator.Tests.Manifests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void A_manifest_gets_the_default_namespace_and_an_absolute_model()
    {
        var agent = Read(Manifest("digits", "file://models/m.onnx")).Agents["default/digits"];

        Assert.Equal("file:///manifests/models/m.onnx", agent.Spec.Model.Uri);
    }

    [Fact]
    public void An_absolute_model_stays_where_it_is() =>
        Assert.Equal("file:///m.onnx", Read(Manifest("digits", "file:///m.onnx")).Agents["default/digits"].Spec.Model.Uri);

    [Fact]
    public void An_unknown_field_is_refused_with_file_line_and_path()
    {
        var set = Read(Manifest("digits") + "  scalling: {}\n");

        Assert.Empty(set.Agents);
        var fault = Assert.Single(set.Faults);
        Assert.Equal("default/digits", fault.Key);
        Assert.StartsWith("/manifests/a.yaml(9): spec.scalling", fault.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_are_named_and_passed_over()
    {
        var set = Read("kind: Service\nmetadata: {name: x}\n---\n" + Manifest("digits"));

        Assert.Single(set.Agents);
        Assert.Contains("Service", set.Remarks.Single(), StringComparison.Ordinal);
        Assert.Empty(set.Faults);
    }

    [Fact]
    public void Two_agents_of_one_name_are_refused_by_name_whatever_their_namespaces()
    {
        var set = Read(Manifest("digits") + "---\n" + Manifest("digits").Replace("name: digits", "name: digits\n  namespace: other", StringComparison.Ordinal));

        Assert.Equal("default/digits", Assert.Single(set.Agents).Key);
        var fault = Assert.Single(set.Faults);
        Assert.Equal("other/digits", fault.Key);
        Assert.Contains("'digits' is declared at /manifests/a.yaml(1)", fault.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_before_broken_YAML_is_taken_and_the_rest_of_the_file_is_a_fault()
    {
        var set = Read(Manifest("digits") + "---\na: [\n");

        Assert.Single(set.Agents);
        Assert.Null(Assert.Single(set.Faults).Key);
    }

    [Fact]
    public void A_manifest_that_has_become_faulty_keeps_its_good_version()
    {
        var good = Read(Manifest("digits"));

        var kept = Read(Manifest("digits") + "  nonsense: 1\n").KeepingGoodOf(good);

        Assert.Same(good.Agents["default/digits"], kept.Agents["default/digits"]);
    }

    [Fact]
    public void A_file_that_cannot_be_read_keeps_all_its_agents()
    {
        var good = Read(Manifest("a") + "---\n" + Manifest("b"));

        Assert.Equal(["default/a", "default/b"], Read("{{{").KeepingGoodOf(good).Agents.Keys);
    }

    [Fact]
    public void A_manifest_that_is_gone_is_not_kept()
    {
        var good = Read(Manifest("a") + "---\n" + Manifest("b"));

        Assert.Equal(["default/b"], Read(Manifest("b")).KeepingGoodOf(good).Agents.Keys);
    }

    [Fact]
    public void A_policy_is_checked_too()
    {
        const string policy = "apiVersion: inferenceoperator.io/v1alpha1\nkind: InferencePolicy\nmetadata: {name: p}\nspec: {ceilings: {replicas: 0}}\n";

        Assert.Contains("spec.ceilings.replicas", Assert.Single(Read(policy).Faults.SelectMany(static fault => fault.Lines)), StringComparison.Ordinal);
        Assert.Empty(Read(policy.Replace("replicas: 0", "replicas: 1", StringComparison.Ordinal)).Faults);
    }

    [Fact]
    public async Task Every_sample_is_good_and_names_a_model_that_is_there()
    {
        var samples = Repository.File("config", "samples");
        var folders = Directory.EnumerateDirectories(samples, "*", SearchOption.AllDirectories).Append(samples);
        var seen = 0;
        foreach (var folder in folders)
        {
            var set = ManifestReader.Read(await ManifestFolder.ReadAsync(folder, CancellationToken.None));
            Assert.Empty(set.Faults.SelectMany(fault => fault.Lines));
            foreach (var agent in set.Agents.Values.Where(agent => agent.Spec.Model.Uri.StartsWith("file://", StringComparison.Ordinal)))
            {
                Assert.True(File.Exists(agent.Spec.Model.Uri["file://".Length..]), agent.Spec.Model.Uri);
                seen++;
            }
        }

        Assert.True(seen >= 3, $"{seen} agents in the samples");
    }

    private static string Manifest(string name, string uri = "file://m.onnx") => $"""
        apiVersion: inferenceoperator.io/v1alpha1
        kind: InferenceAgent
        metadata:
          name: {name}
        spec:
          model:
            uri: {uri}
          gpu: {"{count: 0}"}

        """;

    private static ManifestSet Read(string text) => ManifestReader.Read([new ManifestText("/manifests/a.yaml", text)]);
}
