using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Observability;

namespace InferenceRuntime.Settings;

/// <summary>Puts settings in force everywhere at once. Thread safe.</summary>
internal sealed partial class SettingsInForce(ISettingsTarget target, RequestMetrics metrics, ILogger<SettingsInForce> logger)
{
    private readonly Lock _gate = new();

    public RuntimeSettings Current => target.Settings;

    /// <summary>Applies validated settings; the next batch goes by them.</summary>
    /// <returns>What the model does not allow of them, and then nothing has changed; null when they are in force.</returns>
    /// <param name="settings">Checked by <see cref="SettingsDocument"/>.</param>
    /// <param name="source">Who asked, for the log.</param>
    public string? Apply(RuntimeSettings settings, string source)
    {
        lock (_gate)
        {
            if (target.Objection(settings) is { } objection)
            {
                return objection;
            }

            target.Apply(settings);
            metrics.SetSlo(settings.Slo);
        }

        LogApplied(source, settings.Batching.MaxSize, settings.Batching.MaxDelayMs, settings.Queue.MaxRequests, settings.Slo?.TargetMs);
        return null;
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Settings from {Source}: batches of {MaxSize} rows, delay {MaxDelayMs} ms, queue of {MaxRequests} requests, SLO {SloMs} ms")]
    private partial void LogApplied(string source, int maxSize, double maxDelayMs, int maxRequests, double? sloMs);
}
