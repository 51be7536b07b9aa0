namespace InferenceRuntime.Core.Serving;

/// <summary>One version of one model in the index.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version, a positive decimal number.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Reason">Why it is not ready, text fit for the client; empty when it is.</param>
public sealed record RepositoryEntry(string Name, string Version, ModelState State, string Reason);
