using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Tests.Policy;

public sealed class PolicyRulesTests
{
    private static readonly ImmutableSortedDictionary<string, string> Production = ImmutableSortedDictionary<string, string>.Empty.Add("stage", "production");

    [Fact]
    public void Without_a_policy_that_selects_it_an_agent_counts_as_declared()
    {
        var agent = Agent(""" "gpu": {"count": 1} """);

        var judged = PolicyRules.Judge(agent, Production, [Policy("a", """ "namespaces": {"matchLabels": {"stage": "test"}}, "ceilings": {"replicas": 1} """)], null);

        Assert.Same(agent, judged.Agent);
        Assert.Empty(judged.Refusals);
    }

    [Theory]
    [InlineData(""" {"matchLabels": {"stage": "production"}} """, true)]
    [InlineData(""" {"matchLabels": {"stage": "test"}} """, false)]
    [InlineData(""" {"matchExpressions": [{"key": "stage", "operator": "In", "values": ["test", "production"]}]} """, true)]
    [InlineData(""" {"matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["test"]}, {"key": "owner", "operator": "DoesNotExist"}]} """, true)]
    [InlineData(""" {"matchExpressions": [{"key": "owner", "operator": "Exists"}]} """, false)]
    [InlineData(""" {"matchExpressions": [{"key": "owner", "operator": "NotIn", "values": ["me"]}]} """, true)]
    [InlineData("{}", true)]
    public void Namespaces_are_selected_as_Kubernetes_selects(string selector, bool selects) =>
        Assert.Equal(selects, PolicyRules.Selects(Policy("a", $"\"namespaces\": {selector}"), Agent(), Production));

    [Fact]
    public void The_strictest_ceiling_counts_and_is_named()
    {
        var agent = Agent(""" "gpu": {"count": 1}, "scaling": {"minReplicas": 9, "maxReplicas": 50} """);
        var prices = GpuPrices.Parse(["nvidia.com/gpu=2.5"]);

        var judged = PolicyRules.Judge(agent, Production, [Policy("wide", """ "ceilings": {"replicas": 40} """), Policy("dear", """ "ceilings": {"costPerHour": "20"} """), Policy("gpus", """ "ceilings": {"gpus": 12} """)], prices);

        Assert.Equal<PolicyEffect>(
            [Effect("spec.scaling.maxReplicas", "50", "8", "dear"), Effect("spec.scaling.minReplicas", "9", "8", "dear")], judged.Agent.Policies);
        Assert.Equal((8, 8), (judged.Agent.Spec.Scaling.MinReplicas, judged.Agent.Spec.Scaling.MaxReplicas));
    }

    [Fact]
    public void Replicas_that_somebody_else_sets_are_under_the_ceiling_too()
    {
        var judged = PolicyRules.Judge(Agent(""" "scaling": {"replicas": 30} """), Production, [Policy("a", """ "ceilings": {"replicas": 20} """)], null);

        Assert.Equal(20, judged.Agent.Spec.Scaling.Replicas);
        Assert.Equal<PolicyEffect>([Effect("spec.scaling.replicas", "30", "20", "a")], judged.Agent.Policies);
    }

    [Fact]
    public void An_agent_of_which_not_even_one_replica_fits_is_refused()
    {
        var judged = PolicyRules.Judge(Agent(""" "gpu": {"count": 1} """), Production, [Policy("none", """ "ceilings": {"gpus": 0} """)], null);

        Assert.Equal(new FieldError("spec.gpu", "a single replica is beyond the ceiling of policy none"), Assert.Single(judged.Refusals));
    }

    [Fact]
    public void A_default_SLO_is_for_agents_without_one_and_the_highest_precedence_gives_it()
    {
        InferencePolicy[] policies =
        [
            Policy("b", """ "defaults": {"slo": {"latency": {"target": "200ms"}}} """),
            Policy("c", """ "precedence": 5, "defaults": {"slo": {"latency": {"target": "80ms"}, "priority": 3}} """),
            Policy("a", """ "precedence": 1, "slo": {"required": true} """),
        ];

        var without = PolicyRules.Judge(Agent(), Production, policies, null);
        var with = PolicyRules.Judge(Agent(""" "slo": {"latency": {"target": "1s"}} """), Production, policies, null);

        Assert.Equal<PolicyEffect>([Effect("spec.slo", null, "p99 <= 80ms, priority 3", "c")], without.Agent.Policies);
        Assert.Equal(Duration.Parse("80ms"), without.Agent.Spec.Slo?.Latency.Target);
        Assert.Empty(with.Agent.Policies);
        Assert.Empty(without.Refusals.Concat(with.Refusals));
    }

    [Fact]
    public void An_SLO_that_has_to_be_declared_and_is_not_refuses_the_agent()
    {
        var judged = PolicyRules.Judge(Agent(), Production, [Policy("strict", """ "slo": {"required": true, "targetAtMost": "100ms"} """)], null);

        Assert.Equal(new FieldError("spec.slo", "has to be declared: policy strict asks for it"), Assert.Single(judged.Refusals));
    }

    [Fact]
    public void A_weaker_SLO_counts_as_the_strictest_bound()
    {
        var agent = Agent(""" "slo": {"latency": {"percentile": "90", "target": "300ms"}, "priority": 900} """);

        var judged = PolicyRules.Judge(
            agent, Production, [Policy("a", """ "slo": {"targetAtMost": "200ms"}, "priority": {"atMost": 10} """), Policy("b", """ "slo": {"targetAtMost": "100ms", "percentileAtLeast": "99"} """)], null);

        Assert.Equal<PolicyEffect>(
            [
                Effect("spec.slo.latency.target", "300ms", "100ms", "b"),
                Effect("spec.slo.latency.percentile", "90", "99", "b"),
                Effect("spec.slo.priority", "900", "10", "a"),
            ],
            judged.Agent.Policies);
    }

    [Fact]
    public void Devices_and_sources_that_are_not_allowed_refuse_the_agent_and_all_are_named()
    {
        var agent = Agent(""" "gpu": {"count": 1, "resource": "nvidia.com/mig-1g.10gb"}, "variants": [{"name": "small", "model": {"uri": "file:///tmp/x.onnx"}}] """);

        var judged = PolicyRules.Judge(agent, Production, [Policy("a", """ "allowed": {"gpuResources": ["nvidia.com/gpu"], "modelSources": ["pvc://models/"]} """)], null);

        Assert.Same(agent, judged.Agent);
        Assert.Equal(
            [
                "spec.gpu.resource: 'nvidia.com/mig-1g.10gb' is none of those that policy a allows: nvidia.com/gpu",
                "spec.variants[0].model.uri: 'file:///tmp/x.onnx' is not from a source that policy a allows: pvc://models/",
            ],
            judged.Refusals.Select(static refusal => refusal.ToString()));
    }

    [Fact]
    public void An_accuracy_floor_holds_for_variants_and_one_that_answers_below_it_refuses_the_agent()
    {
        const string Variants = """ "variants": [{"name": "small", "model": {"uri": "pvc://models/small.onnx"}, "use": "Burst", "accuracy": "0.95"}] """;
        const string Sharing = """ "variants": [{"name": "small", "model": {"uri": "pvc://models/small.onnx"}, "share": 10, "accuracy": "0.95"}] """;
        InferencePolicy[] policies = [Policy("exact", """ "minAccuracy": "0.98" """)];

        var chosen = PolicyRules.Judge(Agent(Variants), Production, policies, null);
        var shared = PolicyRules.Judge(Agent(Sharing), Production, policies, null);

        Assert.Equal<PolicyEffect>([Effect("spec.quantization.minAccuracy", null, "0.98", "exact")], chosen.Agent.Policies);
        Assert.Equal(0.98, chosen.Agent.Spec.Quantization.AccuracyFloor);
        Assert.Equal("spec.variants: one with a share must not be less accurate than quantization.minAccuracy (with what exact asks)", Assert.Single(shared.Refusals).ToString());
    }

    [Fact]
    public void Whatever_the_policies_the_effective_spec_is_within_all_of_them_and_judging_it_again_changes_nothing()
    {
        var ceilings = from replicas in Gen.Choose(1, 60) from gpus in Gen.Choose(1, 60) from target in Gen.Choose(1, 500) from priority in Gen.Choose(-20, 20) select (replicas, gpus, target, priority);
        var cases = from max in Gen.Choose(1, 100) from min in Gen.Choose(0, max) from own in Gen.Choose(1, 500) from all in ceilings.ListOf(3) select (max, min, own, all);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var agent = Agent($$""" "gpu": {"count": 1}, "scaling": {"minReplicas": {{c.min}}, "maxReplicas": {{c.max}} }, "slo": {"latency": {"target": "{{c.own}}ms"} } """);
            var policies = c.all.Select(static (p, i) => Policy(
                $"p{i}", $$""" "ceilings": {"replicas": {{p.replicas}}, "gpus": {{p.gpus}} }, "slo": {"targetAtMost": "{{p.target}}ms"}, "priority": {"atMost": {{p.priority}} } """)).ToList();

            var judged = PolicyRules.Judge(agent, Production, policies, null).Agent;

            Assert.Equal(Math.Min(c.max, c.all.Min(static p => Math.Min(p.replicas, p.gpus))), judged.Spec.Scaling.MaxReplicas);
            Assert.InRange(judged.Spec.Scaling.MinReplicas, 0, judged.Spec.Scaling.MaxReplicas);
            Assert.Equal(Math.Min(c.own, c.all.Min(static p => p.target)), judged.Spec.Slo!.Latency.Target.ToTimeSpan().TotalMilliseconds);
            Assert.True(judged.Spec.Slo.Priority <= c.all.Min(static p => p.priority));
            Assert.Empty(PolicyRules.Judge(judged with { Policies = [] }, Production, policies, null).Agent.Policies);
        }).QuickCheckThrowOnFailure();
    }

    private static PolicyEffect Effect(string field, string? declared, string effective, string policy) => new() { Field = field, Declared = declared, Effective = effective, Policy = policy };

    private static InferenceAgent Agent(string spec = """ "scaling": {"maxReplicas": 10} """) => Assert.IsType<ManifestReading.Accepted>(AgentManifest.Read(JsonNode.Parse($$"""
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferenceAgent", "metadata": {"name": "ranker", "namespace": "ads"}, "spec": {"model": {"uri": "pvc://models/ranker.onnx"}, {{spec}} } }
        """))).Agent;

    private static InferencePolicy Policy(string name, string spec) => Assert.IsType<PolicyReading.Accepted>(PolicyManifest.Read(JsonNode.Parse($$"""
        {"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "{{name}}"}, "spec": { {{spec}} } }
        """))).Policy;
}
