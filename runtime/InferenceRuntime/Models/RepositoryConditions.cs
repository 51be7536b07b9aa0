using InferenceRuntime.Contract;

namespace InferenceRuntime.Models;

/// <summary>What holds for all models of a repository. Who switches versions or changes this holds <see cref="Gate"/>; looking is free.</summary>
/// <param name="settings">Valid settings to start with.</param>
internal sealed class RepositoryConditions(RuntimeSettings settings)
{
    private volatile RuntimeSettings _settings = settings;
    private volatile bool _isDraining;

    public Lock Gate { get; } = new();

    /// <summary>The settings in force.</summary>
    public RuntimeSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Nothing is loaded any more.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }
}
