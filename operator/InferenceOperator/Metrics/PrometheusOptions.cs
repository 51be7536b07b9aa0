namespace InferenceOperator.Metrics;

/// <summary>Where Prometheus is, and how to be let in.</summary>
internal sealed record PrometheusOptions
{
    /// <summary>Longest that an answer may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Most bytes of an answer; a longer one is a failure.</summary>
    public const int BodyBytesMax = 64 << 20;

    /// <summary>Root of the API, <c>https://host:port/prefix</c>; without <c>/api/v1</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>File with the bearer token; read again for every question, so that a renewed token is taken. Null: none.</summary>
    public string? TokenFile { get; init; }

    /// <summary>PEM file with the authorities that may sign the server's certificate; null: those of the machine. The certificate is always checked.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Time between two scrapes of one replica, as Prometheus is configured. Default 15 s.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);
}
