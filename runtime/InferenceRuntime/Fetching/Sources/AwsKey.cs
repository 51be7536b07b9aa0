namespace InferenceRuntime.Fetching.Sources;

/// <summary>A key by which requests are signed. Its text form shows the id alone.</summary>
internal sealed class AwsKey(string id, string secret, string? sessionToken)
{
    /// <summary>Names the key; no secret.</summary>
    public string Id => id;

    public string Secret => secret;

    /// <summary>Goes with temporary keys; null: the key is a lasting one.</summary>
    public string? SessionToken => sessionToken;

    public override string ToString() => id;
}
