using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Tests.Cluster.Kit;

namespace InferenceOperator.Tests.Cluster.Admission;

/// <summary>What API servers send.</summary>
internal static class Reviews
{
    /// <summary>An agent with a fault that no schema finds: fewer replicas at most than at least.</summary>
    public const string BadSpec = """ "scaling": {"minReplicas": 6, "maxReplicas": 2} """;

    public static JsonObject Review(string operation, JsonObject? asked, JsonObject? old = null, bool dryRun = false, string kind = "InferenceAgent", string version = "v1alpha1")
    {
        var review = Written.Json($$"""
            {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
              "uid": "0b4a3c5e-0000-0000-0000-000000000001", "kind": {"group": "inferenceoperator.io", "version": "{{version}}", "kind": "{{kind}}"},
              "resource": {"group": "inferenceoperator.io", "version": "{{version}}", "resource": "inferenceagents"},
              "name": "ranker", "namespace": "ads", "operation": "{{operation}}", "userInfo": {"username": "admin"}, "dryRun": {{(dryRun ? "true" : "false")}} } }
            """);
        (review["request"]!["object"], review["request"]!["oldObject"]) = (asked?.DeepClone(), old?.DeepClone());
        return review;
    }

    public static AdmissionRequest Request(string operation, JsonObject? asked, JsonObject? old = null, string kind = "InferenceAgent", string version = "v1alpha1") =>
        AdmissionRequest.Read(Review(operation, asked, old, kind: kind, version: version)) ?? throw new InvalidOperationException("no request");
}
