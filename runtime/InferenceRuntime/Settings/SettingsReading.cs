using InferenceRuntime.Contract;

namespace InferenceRuntime.Settings;

/// <summary>What came of reading a settings document.</summary>
internal abstract record SettingsReading
{
    private SettingsReading()
    {
    }

    /// <summary>Good settings.</summary>
    public sealed record Accepted(RuntimeSettings Settings) : SettingsReading;

    /// <summary>The document breaks a rule.</summary>
    /// <param name="Reason">What, naming the field.</param>
    public sealed record Rejected(string Reason) : SettingsReading;
}
