using System.Collections.Immutable;
using System.Globalization;
using OpenTelemetry.Exporter;

namespace InferenceRuntime.Telemetry;

/// <summary>How a program tells its traces, read from the OTEL_* variables of its environment.</summary>
/// <remarks>
/// Source: OpenTelemetry environment variables (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/) and
/// OTLP exporter (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
/// </remarks>
public sealed record TraceSettings
{
    /// <summary>Where spans are sent; over HTTP with the path.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>gRPC, or protobuf over HTTP.</summary>
    public OtlpExportProtocol Protocol { get; init; } = OtlpExportProtocol.HttpProtobuf;

    /// <summary>Sent with every export, <c>name=value</c> with commas between; null for none.</summary>
    public string? Headers { get; init; }

    /// <summary>Longest that one export may take, at least 1 ms. Default 10 s.</summary>
    public TimeSpan ExportTimeMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether exports are packed by gzip.</summary>
    public bool IsPacked { get; init; }

    /// <summary>Which traces are recorded.</summary>
    public TraceSampling Sampling { get; init; } = TraceSampling.Default;

    /// <summary>Spans that wait to be sent, 1 to <see cref="SpansLimit"/>; more are dropped. Default 2,048.</summary>
    public int SpansMax { get; init; } = 2048;

    /// <summary>Spans of one export, 1 to <see cref="SpansMax"/>. Default 512.</summary>
    public int SentMax { get; init; } = 512;

    /// <summary>Longest that a span waits for others before it is sent, at least 1 ms. Default 5 s.</summary>
    public TimeSpan SendInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary><c>service.name</c>, where the environment does not say another.</summary>
    public required string Service { get; init; }

    /// <summary>Attributes of everything that is sent; those of the environment come before them.</summary>
    public ImmutableArray<KeyValuePair<string, object>> Resource { get; init; } = [];

    /// <summary>Largest legal <see cref="SpansMax"/>.</summary>
    public const int SpansLimit = 1 << 20;

    private const int GrpcPort = 4317;

    /// <summary>What the environment asks for; null for no traces: no receiver is named, or they are turned off.</summary>
    /// <param name="variable">A variable's value; null or empty where it is not set.</param>
    /// <param name="service">The default of <see cref="Service"/>.</param>
    /// <param name="complaints">Receives what is wrong, naming the variable; its default is then used, as the specification asks.</param>
    public static TraceSettings? Read(Func<string, string?> variable, string service, ICollection<string> complaints)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase) || !IsAsked(variable, complaints))
        {
            return null;
        }

        var sampling = TraceSampling.Read(variable("OTEL_TRACES_SAMPLER"), variable("OTEL_TRACES_SAMPLER_ARG"), complaints);
        if (sampling.IsNever || ReadEndpoint(variable, complaints) is not { } endpoint)
        {
            return null;
        }

        var spansMax = Whole(variable, "OTEL_BSP_MAX_QUEUE_SIZE", 2048, SpansLimit, complaints);
        return new TraceSettings
        {
            Endpoint = endpoint.Address,
            Protocol = endpoint.Protocol,
            Headers = ReadHeaders(variable, complaints),
            ExportTimeMax = TimeSpan.FromMilliseconds(Whole(variable, Signal(variable, "TIMEOUT"), 10_000, int.MaxValue, complaints)),
            IsPacked = variable(Signal(variable, "COMPRESSION")) == "gzip",
            Sampling = sampling,
            SpansMax = spansMax,
            SentMax = Math.Min(spansMax, Whole(variable, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, SpansLimit, complaints)),
            SendInterval = TimeSpan.FromMilliseconds(Whole(variable, "OTEL_BSP_SCHEDULE_DELAY", 5000, int.MaxValue, complaints)),
            Service = service,
        };
    }

    // A receiver that is named is enough: programs of others in the same pod are asked by the same variables.
    private static bool IsAsked(Func<string, string?> variable, ICollection<string> complaints)
    {
        var exporter = variable("OTEL_TRACES_EXPORTER");
        if (string.IsNullOrEmpty(exporter))
        {
            return !string.IsNullOrEmpty(variable(Signal(variable, "ENDPOINT")));
        }

        if (exporter is not ("otlp" or "none"))
        {
            complaints.Add($"OTEL_TRACES_EXPORTER: '{exporter}' is not known here, only otlp and none; no traces are sent");
        }

        return exporter == "otlp";
    }

    private static (Uri Address, OtlpExportProtocol Protocol)? ReadEndpoint(Func<string, string?> variable, ICollection<string> complaints)
    {
        var name = Signal(variable, "ENDPOINT");
        var text = variable(name);
        Uri? given = null;
        if (!string.IsNullOrEmpty(text)
            && (!Uri.TryCreate(text, UriKind.Absolute, out given) || (given.Scheme != Uri.UriSchemeHttp && given.Scheme != Uri.UriSchemeHttps)))
        {
            complaints.Add($"{name}: '{text}' is not an address such as http://collector:4318; no traces are sent");
            return null;
        }

        var protocol = ReadProtocol(variable, given, complaints);
        if (protocol == OtlpExportProtocol.Grpc)
        {
            return (given ?? new Uri($"http://localhost:{GrpcPort}"), protocol);
        }

        var root = given ?? new Uri("http://localhost:4318");
        var isWhole = given is not null && name.Contains("TRACES", StringComparison.Ordinal);
        return (isWhole ? root : new Uri($"{root.ToString().TrimEnd('/')}/v1/traces"), protocol);
    }

    // Where the protocol is not said, the port that is registered for gRPC says it.
    private static OtlpExportProtocol ReadProtocol(Func<string, string?> variable, Uri? endpoint, ICollection<string> complaints)
    {
        var name = Signal(variable, "PROTOCOL");
        switch (variable(name))
        {
            case "grpc":
                return OtlpExportProtocol.Grpc;
            case "http/protobuf":
                return OtlpExportProtocol.HttpProtobuf;
            case null or "":
                return endpoint?.Port == GrpcPort ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            case var other:
                complaints.Add($"{name}: '{other}' is not known here, only grpc and http/protobuf; http/protobuf is used");
                return OtlpExportProtocol.HttpProtobuf;
        }
    }

    private static string? ReadHeaders(Func<string, string?> variable, ICollection<string> complaints)
    {
        var name = Signal(variable, "HEADERS");
        var headers = variable(name);
        if (string.IsNullOrEmpty(headers))
        {
            return null;
        }

        if (headers.Split(',').All(static pair => pair.IndexOf('=', StringComparison.Ordinal) > 0))
        {
            return headers;
        }

        // The value may be a secret.
        complaints.Add($"{name}: not of the form name=value,name=value; no headers are sent");
        return null;
    }

    // What is said for traces comes before what is said for all signals.
    private static string Signal(Func<string, string?> variable, string what)
    {
        var name = $"OTEL_EXPORTER_OTLP_TRACES_{what}";
        return string.IsNullOrEmpty(variable(name)) ? $"OTEL_EXPORTER_OTLP_{what}" : name;
    }

    private static int Whole(Func<string, string?> variable, string name, int otherwise, int max, ICollection<string> complaints)
    {
        var text = variable(name);
        if (string.IsNullOrEmpty(text))
        {
            return otherwise;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= max)
        {
            return value;
        }

        complaints.Add($"{name}: '{text}' is not a whole number from 1 to {max}; {otherwise} is used");
        return otherwise;
    }
}
