namespace InferenceOperator.Testing.Simulated;

/// <summary>What one write did to one object.</summary>
/// <param name="Version">The resource version that it made.</param>
/// <param name="Before">The state before; null: there was none.</param>
/// <param name="After">The state after; of an object that was removed, the last with the version of its removal.</param>
/// <param name="IsRemoval">Whether it is gone.</param>
/// <param name="Manager">Who wrote.</param>
public sealed record ObjectEvent(long Version, StoredObject? Before, StoredObject After, bool IsRemoval, string Manager)
{
    public ApiKey Key => After.Key;
}
