namespace InferenceOperator.Workloads;

/// <summary>The bearer token of a replica's admin port. Its text form hides it, so that it does not get into logs.</summary>
internal sealed class AdminToken(string secret)
{
    /// <summary>The value of the header <c>Authorization</c>.</summary>
    public string AuthorizationHeader => "Bearer " + secret;

    public override string ToString() => "(hidden)";
}
