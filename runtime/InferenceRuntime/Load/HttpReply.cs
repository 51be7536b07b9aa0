namespace InferenceRuntime.Load;

/// <summary>One reply as it came from the wire; the body is valid until the connection's next exchange.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="JsonLength">Bytes of JSON before the binary tensors; −1 when the whole body is JSON.</param>
/// <param name="Body">The body.</param>
internal readonly record struct HttpReply(int Status, int JsonLength, ReadOnlyMemory<byte> Body);
