namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>Asks whether a key comes back within the horizon; the answer trains the model.</summary>
/// <param name="AskedAt">Requests so far when it was asked; 0: nothing was asked.</param>
/// <param name="Features">What was seen of the key then.</param>
internal readonly record struct ReuseQuestion(uint AskedAt, ReuseFeatures Features);
