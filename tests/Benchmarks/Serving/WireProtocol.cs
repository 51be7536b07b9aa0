namespace InferenceOperator.Benchmarks.Serving;

/// <summary>How a load speaks to a server: the name that <c>bench --protocol</c> takes, and the one in the tables.</summary>
internal sealed record WireProtocol(string Option, string Name)
{
    public static readonly WireProtocol Binary = new("binary", "REST binary");
    public static readonly WireProtocol Json = new("json", "REST JSON");
    public static readonly WireProtocol Grpc = new("grpc", "gRPC");
}
