using InferenceRuntime.Contract;
using InferenceRuntime.Execution;

namespace InferenceRuntime.Models;

/// <summary>Loads a version of a model with the settings to start with.</summary>
internal delegate Task<ModelLoad> VersionLoad(string model, ModelVersion version, RuntimeSettings settings, CancellationToken cancellationToken);
