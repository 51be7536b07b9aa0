using System.Text.Json;
using InferenceOperator.Cluster.Observation;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Tests.Cluster.Observation;

public sealed class PodReadingTests
{
    [Theory]
    [InlineData("""{"phase": "Pending"}""", ReplicaPhase.Starting, "")]
    [InlineData("""{"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/3 nodes"}]}""", ReplicaPhase.Unschedulable, "0/3 nodes")]
    [InlineData("""{"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}""", ReplicaPhase.Ready, "")]
    [InlineData("""{"phase": "Failed", "reason": "Evicted", "message": "low memory"}""", ReplicaPhase.Failed, "Evicted: low memory")]
    [InlineData(
        """{"phase": "Pending", "containerStatuses": [{"name": "runtime", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]}""",
        ReplicaPhase.Failed,
        "the image cannot be pulled (ImagePullBackOff): no such image")]
    [InlineData(
        """{"phase": "Pending", "containerStatuses": [{"name": "runtime", "state": {"waiting": {"reason": "ContainerCreating"}}}]}""",
        ReplicaPhase.Starting,
        "")]
    [InlineData(
        """{"phase": "Running", "containerStatuses": [{"name": "runtime", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}]}""",
        ReplicaPhase.Failed,
        "out of memory: raise template.resources.limits.memory")]
    [InlineData(
        """{"phase": "Running", "containerStatuses": [{"name": "runtime", "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]}""",
        ReplicaPhase.Starting,
        "started again after: ended with exit code 1 (Error)")]
    public void A_pod_stands_where_its_status_says(string status, ReplicaPhase phase, string message)
    {
        var replica = PodReading.Replica(Pod(status));

        Assert.Equal("ranker-1", replica.Name);
        Assert.Equal(phase, replica.Phase);
        Assert.Equal(message, replica.Message);
    }

    [Theory]
    [InlineData("""{"waiting": {"reason": "ErrImagePull", "message": "denied"}}""", "{}", "ImageUnavailable", "the image cannot be pulled (ErrImagePull): denied")]
    [InlineData("""{"waiting": {"reason": "CreateContainerConfigError", "message": "secret \"x\" not found"}}""", "{}", "Misconfigured", "the container cannot be made as the template says (CreateContainerConfigError): secret \"x\" not found")]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"}}""", """{"terminated": {"exitCode": 137, "reason": "OOMKilled"}}""", "OutOfMemory", "out of memory: raise template.resources.limits.memory; started again 4 times")]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"}}""", """{"terminated": {"exitCode": 139, "reason": "Error"}}""", "Crashes", "ended with exit code 139 (SIGSEGV); started again 4 times")]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"}}""", """{"terminated": {"exitCode": 3, "message": "no such file"}}""", "ModelRejected", "no such file")]
    [InlineData("""{"running": {}}""", """{"terminated": {"exitCode": 134, "message": "libcuda.so.1 is missing"}}""", "Crashes", "started again after: libcuda.so.1 is missing")]
    [InlineData("""{"running": {}}""", "{}", "None", "")]
    public void What_keeps_a_replica_from_running_has_a_name_and_words(string state, string last, string fault, string message)
    {
        var replica = PodReading.Replica(Pod($$"""{"phase": "Running", "containerStatuses": [{"name": "runtime", "restartCount": 4, "state": {{state}}, "lastState": {{last}} }]}"""));

        Assert.Equal((fault, message), (replica.Fault.ToString(), replica.Message));
    }

    [Fact]
    public void An_evicted_pod_is_nobody_s_fault() => Assert.Equal(ReplicaFault.None, PodReading.Replica(Pod("""{"phase": "Failed", "reason": "Evicted", "message": "low memory"}""")).Fault);

    [Theory]
    [InlineData("""{"running": {}}""", "null", ReplicaPhase.Starting, "its model is being fetched")]
    [InlineData("""{"waiting": {"reason": "PodInitializing"}}""", "null", ReplicaPhase.Starting, "")]
    [InlineData("""{"waiting": {"reason": "ErrImagePull", "message": "no such image"}}""", "null", ReplicaPhase.Failed, "the image cannot be pulled (ErrImagePull): no such image")]
    [InlineData("""{"terminated": {"exitCode": 3, "message": "NotFound: https://a.example/b"}}""", "null", ReplicaPhase.Failed, "NotFound: https://a.example/b")]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"}}""", """{"terminated": {"exitCode": 3, "message": "TooLarge: x"}}""", ReplicaPhase.Failed, "TooLarge: x")]
    [InlineData("""{"running": {}}""", """{"terminated": {"exitCode": 3, "message": "TooLarge: x"}}""", ReplicaPhase.Failed, "TooLarge: x")]
    [InlineData("""{"running": {}}""", """{"terminated": {"exitCode": 1, "message": "Unreachable: x"}}""", ReplicaPhase.Starting, "its model is being fetched again after: Unreachable: x")]
    [InlineData("""{"terminated": {"exitCode": 0}}""", "null", ReplicaPhase.Starting, "")]
    public void A_pod_whose_model_is_fetched_stands_where_that_stands(string state, string last, ReplicaPhase phase, string message)
    {
        var replica = PodReading.Replica(Pod(Fetching(state, last)));

        Assert.Equal((phase, message), (replica.Phase, replica.Message));
    }

    [Theory]
    [InlineData("""{"waiting": {"reason": "CrashLoopBackOff"}}""", """{"terminated": {"exitCode": 3, "message": "DigestMismatch: x"}}""", "DigestMismatch: x")]
    [InlineData("""{"running": {}}""", """{"terminated": {"exitCode": 3, "message": "DigestMismatch: x"}}""", "DigestMismatch: x")]
    [InlineData("""{"running": {}}""", """{"terminated": {"exitCode": 1, "message": "Unreachable: x"}}""", null)]
    [InlineData("""{"terminated": {"exitCode": 0}}""", """{"terminated": {"exitCode": 3, "message": "DigestMismatch: x"}}""", null)]
    public void Only_a_refusal_of_what_was_to_be_fetched_is_a_complaint_about_the_model(string state, string last, string? complaint) =>
        Assert.Equal(complaint, PodReading.ModelProblem(Pod(Fetching(state, last))));

    [Fact]
    public void A_pod_that_refused_the_model_and_serves_now_is_no_complaint()
    {
        const string ended = """ "containerStatuses": [{"name": "runtime", "state": {"running": {} }, "lastState": {"terminated": {"exitCode": 3, "message": "no such file"} } }] """;

        Assert.Equal("no such file", PodReading.ModelProblem(Pod($$"""{"phase": "Running", {{ended}} }""")));
        Assert.Null(PodReading.ModelProblem(Pod($$"""{"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], {{ended}} }""")));
    }

    [Theory]
    [InlineData("10.0.0.7", "http://10.0.0.7:9002/")]
    [InlineData("fd00::7", "http://[fd00::7]:9002/")]
    public void A_port_is_found_by_its_name(string address, string expected) =>
        Assert.Equal(expected, PodReading.Address(Pod($$"""{"podIP": "{{address}}"}"""), "metrics")?.AbsoluteUri);

    [Fact]
    public void A_pod_without_address_cannot_be_reached() => Assert.Null(PodReading.Address(Pod("{}"), "metrics"));

    private static string Fetching(string state, string last) => $$"""
        {"phase": "Pending", "initContainerStatuses": [{"name": "fetch", "state": {{state}}, "lastState": {{last}} }],
         "containerStatuses": [{"name": "runtime", "state": {"waiting": {"reason": "PodInitializing"} } }]}
        """;

    private static PodState Pod(string status) => JsonSerializer.Deserialize(
        $$"""
        {"metadata": {"name": "ranker-1", "namespace": "ads", "uid": "1", "creationTimestamp": "2030-01-01T00:00:00Z"},
         "spec": {"containers": [{"name": "runtime", "ports": [{"name": "metrics", "containerPort": 9002}]}]}, "status": {{status}} }
        """,
        ClusterJson.Default.PodState)!; // Not the JSON null.
}
