namespace InferenceRuntime.Contract;

/// <summary>Body of every refusal, on the data ports (Open Inference Protocol v2) and on the admin port.</summary>
/// <param name="Error">What is wrong, naming the field.</param>
public sealed record ErrorReply(string Error);
