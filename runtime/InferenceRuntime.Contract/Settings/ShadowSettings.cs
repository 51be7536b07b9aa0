namespace InferenceRuntime.Contract;

/// <summary>Some of the requests that this replica answers are sent to another one as well, which compares its answers with this one's.</summary>
/// <remarks>Never in the way of an answer: what finds no room is dropped and counted. Not written to the settings that a replica finds at start.</remarks>
public sealed record ShadowSettings
{
    /// <summary>Root of the other replica's admin port, <c>http://HOST:PORT</c>. It has to take this replica's admin token.</summary>
    public string Address { get; set; } = "";

    /// <summary>Share of the computed answers that are sent, above 0, at most 1.</summary>
    public double Share { get; set; } = 0.1;

    internal IEnumerable<string> Validate()
    {
        if (!Uri.TryCreate(Address, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp || address.PathAndQuery != "/" || address.UserInfo.Length > 0)
        {
            yield return "shadow.address: not of the form http://HOST:PORT";
        }

        if (Share is not (> 0 and <= 1))
        {
            yield return $"shadow.share: {Share} is not above 0 and at most 1";
        }
    }
}
