using System.Security.Cryptography.X509Certificates;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>How the client says who it is, beyond a client certificate. Safe for use by several threads.</summary>
internal abstract class Credentials
{
    public static Credentials None { get; } = new FixedToken("");

    public static Credentials Fixed(string token) => new FixedToken(token);

    /// <summary>A name and a password, sent with each request.</summary>
    public static Credentials Basic(string name, string password) => new BasicPair(name, password);

    /// <summary>The scheme of the <c>Authorization</c> header.</summary>
    public virtual string Scheme => "Bearer";

    /// <summary>Whether <see cref="Certificate"/> may come to have a value, and another one later.</summary>
    public virtual bool GivesCertificates => false;

    /// <summary>The client certificate for the next connection, as of the last <see cref="GetTokenAsync"/>; null: none.</summary>
    public virtual X509Certificate2? Certificate => null;

    /// <summary>What follows the scheme in the header of the next request, such as the bearer token; empty for no header.</summary>
    public abstract ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken);

    /// <summary>Called when the token was refused. False when asking again would give the same one.</summary>
    public abstract bool TryRenew();

    private sealed class BasicPair(string name, string password) : Credentials
    {
        private readonly string _pair = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{name}:{password}"));

        public override string Scheme => "Basic";

        public override ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken) => new(_pair);

        public override bool TryRenew() => false;
    }

    private sealed class FixedToken(string token) : Credentials
    {
        public override ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken) => new(token);

        public override bool TryRenew() => false;
    }
}
