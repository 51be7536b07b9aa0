namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>A token in a file that something else renews, such as a mounted service account token.</summary>
internal sealed class TokenFileCredentials(string path) : Credentials
{
    /// <summary>The kubelet renews a token when a fifth of its hour is left; a minute's delay is harmless.</summary>
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(1);

    private volatile Reading? _last;

    public override async ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < AgeMax)
        {
            return last.Token;
        }

        string token;
        try
        {
            token = (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // While the file is swapped the last token still holds for a while.
            return _last?.Token ?? throw new KubernetesConfigException($"token file {path}: {error.Message}", error);
        }

        if (token.Length == 0)
        {
            return _last?.Token ?? throw new KubernetesConfigException($"token file {path} is empty");
        }

        _last = new Reading(token, time.GetTimestamp());
        return token;
    }

    public override bool TryRenew()
    {
        _last = null;
        return true;
    }

    private sealed record Reading(string Token, long At);
}
