namespace InferenceOperator.Cluster.Children;

/// <summary>Ports of a replica and their names in the pod.</summary>
internal static class RuntimePorts
{
    public const int Http = 8000;
    public const int Grpc = 8001;
    public const int Metrics = 8002;
    public const int Admin = 8003;

    public const string HttpName = "http";
    public const string GrpcName = "grpc";
    public const string MetricsName = "metrics";
    public const string AdminName = "admin";
}
