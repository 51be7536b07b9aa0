using System.Security.Cryptography;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Access;

namespace InferenceRuntime.Commands;

/// <summary>Who may use the data ports and how, from the files and options that the replica was given.</summary>
/// <param name="Tls">Certificate and key; null: no TLS.</param>
/// <param name="Tokens">Tokens that clients need; null: none.</param>
/// <param name="CrossOrigin">Web pages whose scripts may read replies; null: none.</param>
internal sealed record DataAccess(TlsFiles? Tls, BearerTokens? Tokens, CrossOrigin? CrossOrigin)
{
    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">A file is missing or bad; the message names the option.</exception>
    public static DataAccess Read(ServeOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<DataAccess>();
        var tls = options is { TlsCertificatePath: { } certificate, TlsKeyPath: { } key }
            ? Read("--tls-cert", () => new TlsFiles(certificate, key, options.TlsClientCaPath, clock, logger))
            : null;
        var tokens = options.TokenPath is { } path ? Read("--token-file", () => new BearerTokens(path, clock, logger)) : null;
        return new DataAccess(tls, tokens, options.CorsOrigins.Count > 0 ? new CrossOrigin(options.CorsOrigins) : null);
    }

    /// <summary>What of this concerns the REST port.</summary>
    public RestOptions Rest(ServeOptions options, ConnectionAge age) => new()
    {
        Age = age,
        Instances = options.Instances,
        ModelControl = options.ModelControl,
        Tokens = Tokens,
        CrossOrigin = CrossOrigin,
    };

    private static T Read<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException or ArgumentException)
        {
            throw new InvalidDataException($"{option}: {e.Message}", e);
        }
    }
}
