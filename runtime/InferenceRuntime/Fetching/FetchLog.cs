namespace InferenceRuntime.Fetching;

/// <summary>What is logged of fetching. Sources are named without their query; credentials never come here.</summary>
internal static partial class FetchLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Fetching {Source} goes on in {Seconds} s: {Reason}")]
    public static partial void TryFailed(this ILogger logger, string source, string reason, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Fetching {Source} starts over: {Reason}")]
    public static partial void StartedOver(this ILogger logger, string source, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Fetching {Source}: {Percent} % of {Bytes} bytes")]
    public static partial void Progressed(this ILogger logger, string source, int percent, long bytes);

    [LoggerMessage(Level = LogLevel.Information, Message = "Model {Name} is {Entry}, {Bytes} bytes, {How}")]
    public static partial void Brought(this ILogger logger, string name, string entry, long bytes, string how);

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Entry} from the store: {Reason}")]
    public static partial void EntryRemoved(this ILogger logger, string entry, string reason);
}
