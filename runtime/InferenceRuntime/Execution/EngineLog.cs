namespace InferenceRuntime.Execution;

/// <summary>What the engine says in the log.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} loaded in {Seconds:F3} s: sha256 {Sha256}, batched {Batched}, {Instances} instances of {Threads} threads")]
    public static partial void ModelLoaded(this ILogger logger, string model, double seconds, string sha256, bool batched, int instances, int threads);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} runs on the CPU: {Reason}")]
    public static partial void RunsOnCpu(this ILogger logger, string model, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} runs on {Provider}: {NodeShare:P1} of its nodes and {TimeShare:P1} of its time; on the CPU are {OnProcessor}")]
    public static partial void RunsOn(this ILogger logger, string model, string provider, double? nodeShare, double? timeShare, string onProcessor);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model {Model} is served one request at a time: {Reason}")]
    public static partial void ServedUnbatched(this ILogger logger, string model, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model} could not be tried, its declared shapes are trusted: {Reason}")]
    public static partial void ProbeRefused(this ILogger logger, string model, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "A run of {Rows} rows of model {Model} failed: {Reason}")]
    public static partial void RunFailed(this ILogger logger, string model, int rows, string reason);

    [LoggerMessage(Level = LogLevel.Critical, Message = "A run of {Rows} rows of model {Model} threw; its requests are answered as failed")]
    public static partial void RunThrew(this ILogger logger, Exception exception, string model, int rows);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Model}: batch limit {MaxSize} rows, delay {MaxDelayMs} ms, queue {MaxRequests} requests, {MaxBytes} bytes")]
    public static partial void SettingsApplied(this ILogger logger, string model, int maxSize, double maxDelayMs, int maxRequests, long maxBytes);
}
