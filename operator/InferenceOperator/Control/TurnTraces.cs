using System.Diagnostics;
using System.Globalization;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Metrics;
using InferenceRuntime.Telemetry;

namespace InferenceOperator.Control;

/// <summary>The spans of the control turns of agents: a trace a turn, its parts below it. Thread safe.</summary>
/// <param name="traces">Where they go; null for none.</param>
internal sealed class TurnTraces(Traces? traces)
{
    /// <summary>Records nothing.</summary>
    public static readonly TurnTraces None = new(null);

    private const string Agent = "inference.agent.name";
    private const string AgentNamespace = "inference.agent.namespace";
    private const string Generation = "inference.agent.generation";

    /// <summary>Begins a turn of an agent, which lasts until the span is disposed; null when it is not recorded.</summary>
    public Activity? Begin(InferenceAgent agent)
    {
        var turn = traces?.StartTrace("turn");
        turn?.SetTag(Agent, agent.Metadata.Name);
        turn?.SetTag(AgentNamespace, agent.Metadata.Namespace);
        turn?.SetTag(Generation, agent.Metadata.Generation);
        return turn;
    }

    /// <summary>Begins a part of the turn that is under way, until the span is disposed; null when it is not recorded.</summary>
    public Activity? Part(string name) => traces?.StartPart(name);

    /// <summary>Says on the span of a decision what was decided and why.</summary>
    public static void Describe(Activity? span, ControlStep step)
    {
        if (span is null)
        {
            return;
        }

        span.SetTag("inference.decision.rule", step.Decision.Rule.ToString());
        span.SetTag("inference.decision.reason", step.Decision.Reason);
        span.SetTag("inference.decision.guards", string.Join(',', step.Decision.Guards));
        span.SetTag("inference.decision.replicas", step.Replicas);
        span.SetTag("inference.decision.batch_rows_max", step.Batching.MaxSize);
        span.SetTag("inference.decision.at", step.Decision.At.ToString("O", CultureInfo.InvariantCulture));
    }

    /// <summary>Says on the span of a scrape what came.</summary>
    public static void Describe(Activity? span, MetricReading reading)
    {
        span?.SetTag("inference.scrape.replicas", reading.Samples.Length);
        if (reading.Failure is { } failure)
        {
            Fail(span, failure);
        }
    }

    /// <summary>Says on a span why its part failed.</summary>
    public static void Fail(Activity? span, string why) => span?.SetStatus(ActivityStatusCode.Error, why);
}
