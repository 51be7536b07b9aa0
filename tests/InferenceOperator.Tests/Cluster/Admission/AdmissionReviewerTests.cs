using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Schema;
using InferenceOperator.Tests.Cluster.Kit;
using Xunit.Abstractions;

namespace InferenceOperator.Tests.Cluster.Admission;

public sealed class AdmissionReviewerTests(ITestOutputHelper output)
{
    private static readonly AdmissionReviewer Free = new(static agent => new PolicyJudgement(agent, []));

    [Fact]
    public void A_good_manifest_passes_without_a_word() =>
        Assert.Equal(AdmissionVerdict.Allowed, Free.Review(Reviews.Request("CREATE", Written.Agent("ads", "ranker"))), Same);

    [Theory]
    [InlineData(Reviews.BadSpec)]
    [InlineData(""" "slo": {"latency": {"target": "50"}} """)]
    [InlineData(""" "slo": {"latency": {"targt": "50ms"}} """)]
    [InlineData(""" "batching": {"maxSize": 0} """)]
    public void What_the_operator_would_not_take_is_refused_in_its_own_words(string spec)
    {
        var manifest = Written.Agent("ads", "ranker", spec);
        var own = Assert.IsType<ManifestReading.Rejected>(AgentManifest.Read(manifest)).Errors;

        var verdict = Free.Review(Reviews.Request("CREATE", manifest));

        Assert.Equal(own.AsEnumerable(), verdict.Errors);
        var reply = AdmissionReply.Write(Reviews.Request("CREATE", manifest), verdict)["response"]!;
        Assert.Equal(("0b4a3c5e-0000-0000-0000-000000000001", false), ((string?)reply["uid"], (bool)reply["allowed"]!));
        Assert.Equal(string.Join("; ", own), (string?)reply["status"]!["message"]);
        Assert.Equal(own[0].Path, (string?)reply["status"]!["details"]!["causes"]![0]!["field"]);
    }

    [Fact]
    public void What_policies_limit_is_a_warning_and_what_they_refuse_is_refused()
    {
        var reviewer = new AdmissionReviewer(static agent => PolicyRules.Judge(agent, null, [Policy(""" "ceilings": {"replicas": 4}, "allowed": {"modelSources": ["pvc://models/"]} """)], null));

        var limited = reviewer.Review(Reviews.Request("CREATE", Written.Agent("ads", "ranker", """ "scaling": {"maxReplicas": 9} """)));
        Assert.True(limited.IsAllowed);
        Assert.Equal("spec.scaling.maxReplicas counts as 4, declared 9: InferencePolicy platform", Assert.Single(limited.Warnings));

        var refused = reviewer.Review(Reviews.Request("CREATE", Written.Agent("ads", "ranker", uri: "pvc://elsewhere/a.onnx")));
        Assert.Equal("spec.model.uri", Assert.Single(refused.Errors).Path);
    }

    [Fact]
    public void Policies_are_checked_too()
    {
        var bad = Written.Json("""{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "platform"}, "spec": {"ceilings": {"replicas": -1} } }""");

        Assert.Equal("spec.ceilings.replicas", Assert.Single(Free.Review(Reviews.Request("CREATE", bad, kind: "InferencePolicy")).Errors).Path);
    }

    [Fact]
    public void A_fault_that_is_stored_already_stops_neither_labels_nor_a_repair_of_something_else()
    {
        var stored = Written.Agent("ads", "ranker", Reviews.BadSpec);
        var labelled = (JsonObject)stored.DeepClone();
        labelled["metadata"]!["labels"] = new JsonObject { ["team"] = "ads" };
        var repaired = (JsonObject)stored.DeepClone();
        repaired["spec"]!["batching"] = new JsonObject { ["maxSize"] = 8 };
        var worse = (JsonObject)stored.DeepClone();
        worse["spec"]!["batching"] = new JsonObject { ["maxSize"] = 8, ["buckets"] = "many" };

        var verdict = Free.Review(Reviews.Request("UPDATE", labelled, stored));
        Assert.True(verdict.IsAllowed);
        Assert.StartsWith("not taken by the operator, as stored already: spec.scaling", Assert.Single(verdict.Warnings), StringComparison.Ordinal);
        Assert.True(Free.Review(Reviews.Request("UPDATE", repaired, stored)).IsAllowed);
        Assert.False(Free.Review(Reviews.Request("UPDATE", worse, stored)).IsAllowed);
        Assert.False(Free.Review(Reviews.Request("UPDATE", stored, Written.Agent("ads", "ranker"))).IsAllowed);
    }

    [Fact]
    public void What_goes_passes_whatever_is_in_it()
    {
        var going = Written.Agent("ads", "ranker", Reviews.BadSpec);
        Assert.Equal(AdmissionVerdict.Allowed, Free.Review(Reviews.Request("DELETE", null, going)), Same);
        going["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";
        Assert.Equal(AdmissionVerdict.Allowed, Free.Review(Reviews.Request("UPDATE", going, Written.Agent("ads", "ranker"))), Same);
    }

    [Theory]
    [InlineData("InferenceAgent", "v1beta7")]
    [InlineData("InferenceQuota", "v1alpha1")]
    public void Versions_and_kinds_of_other_releases_pass_unchecked_and_that_is_said(string kind, string version)
    {
        var newer = Written.Agent("ads", "ranker", Reviews.BadSpec);
        (newer["apiVersion"], newer["kind"]) = ($"inferenceoperator.io/{version}", kind);

        var verdict = Free.Review(Reviews.Request("CREATE", newer, kind: kind, version: version));

        Assert.True(verdict.IsAllowed);
        Assert.Contains("is not checked", Assert.Single(verdict.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_the_server_makes_up_is_no_fault()
    {
        var manifest = Written.Agent("ads", "ranker");
        manifest["metadata"] = new JsonObject { ["namespace"] = "ads", ["generateName"] = "ranker-" };
        var before = manifest.ToJsonString();

        Assert.True(Free.Review(Reviews.Request("CREATE", manifest)).IsAllowed);
        Assert.Equal(before, manifest.ToJsonString());
    }

    [Fact]
    public void Messages_and_warnings_are_bounded()
    {
        var many = Enumerable.Range(0, 30).Select(static i => new FieldError($"spec.f{i}", new string('x', 400))).ToArray();
        var request = Reviews.Request("CREATE", Written.Agent("ads", "ranker"));

        var refused = AdmissionReply.Write(request, new([.. many], [.. many.Select(static error => $"{error}")]))["response"]!;

        Assert.EndsWith("; and 20 more", (string?)refused["status"]!["message"], StringComparison.Ordinal);
        var warnings = refused["warnings"]!.AsArray();
        Assert.Equal((11, "and 20 more warnings"), (warnings.Count, (string?)warnings[^1]));
        Assert.All(warnings, static warning => Assert.InRange(((string)warning!).Length, 1, AdmissionReply.WarningLengthMax));
    }

    [Fact]
    public void Whatever_is_asked_gets_an_answer_or_is_no_request()
    {
        var text = Reviews.Review("UPDATE", Written.Agent("ads", "ranker", Reviews.BadSpec), Written.Agent("ads", "ranker")).ToJsonString();
        string[] pieces = ["null", "1e999", "\"\"", "[]", "{}", "true", "-", "[{}]", "\"\\u0000\"", "{\"metadata\":0}"];
        var answered = 0;
        new FuzzRun(output, "admission reviews").Run(500, random =>
        {
            var mutated = text;
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                // Another value after some colon.
                var colons = mutated.Select(static (c, at) => (c, at)).Where(static pair => pair.c == ':').Select(static pair => pair.at).ToList();
                var from = colons[random.Next(colons.Count)] + 1;
                var until = Math.Min(mutated.Length, from + random.Next(1, 12));
                mutated = mutated[..from] + pieces[random.Next(pieces.Length)] + mutated[until..];
            }

            try
            {
                if (AdmissionRequest.Read(JsonNode.Parse(mutated, null, new() { AllowDuplicateProperties = false })) is { } request)
                {
                    AdmissionReply.Write(request, Free.Review(request)).ToJsonString();
                    answered++;
                }
            }
            catch (JsonException)
            {
                // Not JSON: refused before it is looked at.
            }
        });
        Assert.True(answered > 0, "no case was a request");
    }

    private static bool Same(AdmissionVerdict? left, AdmissionVerdict? right) => left!.Errors.SequenceEqual(right!.Errors) && left.Warnings.SequenceEqual(right.Warnings);

    private static InferencePolicy Policy(string spec) => Assert.IsType<PolicyReading.Accepted>(PolicyManifest.Read(
        Written.Json($$"""{"apiVersion": "inferenceoperator.io/v1alpha1", "kind": "InferencePolicy", "metadata": {"name": "platform"}, "spec": { {{spec}} } }"""))).Policy;
}
