namespace InferenceRuntime.Core.Serving;

/// <summary>The trace of one request, on which those who work on the request note what they did. Opaque here; a request that is not recorded has none.</summary>
public abstract class RequestTrace;
