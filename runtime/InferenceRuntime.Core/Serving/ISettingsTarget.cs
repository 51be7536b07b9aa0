using InferenceRuntime.Contract;

namespace InferenceRuntime.Core.Serving;

/// <summary>What settings are put in force on. All members are thread safe.</summary>
public interface ISettingsTarget
{
    /// <summary>The settings in force.</summary>
    RuntimeSettings Settings { get; }

    /// <summary>What is not allowed of valid settings, naming the field; null when all is.</summary>
    string? Objection(RuntimeSettings settings) => null;

    /// <summary>Puts new settings in force for the next batch. They have been validated, and there is no <see cref="Objection"/>.</summary>
    void Apply(RuntimeSettings settings);
}
