namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>How the client says who it is, beyond a client certificate. Safe for use by several threads.</summary>
internal abstract class Credentials
{
    public static Credentials None { get; } = new FixedToken("");

    public static Credentials Fixed(string token) => new FixedToken(token);

    /// <summary>The bearer token for the next request; empty for none.</summary>
    public abstract ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken);

    /// <summary>Called when the token was refused. False when asking again would give the same one.</summary>
    public abstract bool TryRenew();

    private sealed class FixedToken(string token) : Credentials
    {
        public override ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken) => new(token);

        public override bool TryRenew() => false;
    }
}
