namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>What came back from a call.</summary>
internal sealed record GrpcAnswer(string Status, string Message, string Pushback, IReadOnlyList<byte[]> Messages);
