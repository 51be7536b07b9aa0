using InferenceRuntime.Telemetry;
using OpenTelemetry.Exporter;

namespace InferenceRuntime.Tests.Tracing;

/// <summary>What the OTEL_* variables ask for.</summary>
public sealed class TraceSettingsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("OTEL_SERVICE_NAME=x OTEL_EXPORTER_OTLP_PROTOCOL=grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_SDK_DISABLED=true")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_TRACES_EXPORTER=none")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_TRACES_SAMPLER=always_off")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4318")]
    public void There_are_no_traces_unless_a_receiver_is_named_and_they_are_not_turned_off(string environment) =>
        Assert.Null(Read(environment, out _));

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "http://c:4318/v1/traces", OtlpExportProtocol.HttpProtobuf)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=https://c/otlp/", "https://c/otlp/v1/traces", OtlpExportProtocol.HttpProtobuf)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "http://c:4317/", OtlpExportProtocol.Grpc)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "http://c:4317/v1/traces", OtlpExportProtocol.HttpProtobuf)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:9 OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "http://c:9/", OtlpExportProtocol.Grpc)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://t:4318/own", "http://t:4318/own", OtlpExportProtocol.HttpProtobuf)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://t:9 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=grpc", "http://t:9/", OtlpExportProtocol.Grpc)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp", "http://localhost:4318/v1/traces", OtlpExportProtocol.HttpProtobuf)]
    [InlineData("OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "http://localhost:4317/", OtlpExportProtocol.Grpc)]
    public void The_receiver_is_where_and_by_what_protocol_the_variables_say(string environment, string address, OtlpExportProtocol protocol)
    {
        var settings = Read(environment, out var complaints)!;

        Assert.Empty(complaints);
        Assert.Equal((address, protocol), (settings.Endpoint.ToString(), settings.Protocol));
    }

    [Fact]
    public void Every_other_variable_has_its_effect_and_those_for_traces_come_first()
    {
        var settings = Read(
            "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_EXPORTER_OTLP_HEADERS=a=1 OTEL_EXPORTER_OTLP_TRACES_HEADERS=b=2,c=3 OTEL_EXPORTER_OTLP_TIMEOUT=1 "
            + "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT=2500 OTEL_EXPORTER_OTLP_COMPRESSION=gzip OTEL_BSP_MAX_QUEUE_SIZE=64 OTEL_BSP_MAX_EXPORT_BATCH_SIZE=100 "
            + "OTEL_BSP_SCHEDULE_DELAY=200 OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0.01",
            out var complaints)!;

        Assert.Empty(complaints);
        Assert.Equal("b=2,c=3", settings.Headers);
        Assert.Equal((TimeSpan.FromSeconds(2.5), true, 64, 64, TimeSpan.FromSeconds(0.2)), (settings.ExportTimeMax, settings.IsPacked, settings.SpansMax, settings.SentMax, settings.SendInterval));
        Assert.Equal(new TraceSampling(0.01, FollowsParent: true), settings.Sampling);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "-1")]
    [InlineData("OTEL_BSP_MAX_QUEUE_SIZE", "0")]
    [InlineData("OTEL_BSP_SCHEDULE_DELAY", "5s")]
    [InlineData("OTEL_TRACES_SAMPLER", "often")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "secret")]
    public void A_wrong_value_is_told_by_its_variable_and_the_default_is_used(string name, string value)
    {
        var settings = Read($"OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 {name}={value}", out var complaints);

        Assert.Equal(Read("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", out _), settings);
        Assert.StartsWith(name, Assert.Single(complaints), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", complaints[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=ftp://c")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318 OTEL_TRACES_EXPORTER=zipkin")]
    public void A_receiver_that_cannot_be_reached_so_is_told_and_there_are_no_traces(string environment)
    {
        Assert.Null(Read(environment, out var complaints));
        Assert.Single(complaints);
    }

    private static TraceSettings? Read(string environment, out List<string> complaints)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static pair => pair.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
        complaints = [];
        return TraceSettings.Read(variables.GetValueOrDefault, "service", complaints);
    }
}
