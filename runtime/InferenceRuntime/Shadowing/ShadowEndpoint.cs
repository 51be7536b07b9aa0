using InferenceRuntime.Caching;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Comparing;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Transport;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Shadowing;

/// <summary>Answers a request that another replica has answered, with the lowest priority, and compares. It is no request of a client: no metric of requests counts it.</summary>
/// <param name="engine">The engine that computes, without a cache.</param>
/// <param name="counters">Counts what was compared.</param>
/// <param name="clock">The engine's clock.</param>
internal sealed class ShadowEndpoint(IInferenceEngine engine, ShadowCounters counters, TimeProvider clock)
{
    private static readonly RequestFault NotTaken = new(StatusCodes.Status503ServiceUnavailable, "there is no time for it");

    /// <summary>Takes one, of whom the token is known to be right.</summary>
    public async Task RunAsync(IFeatureCollection features)
    {
        if (features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = 2L * ShadowSender.BytesMax;
        }

        var aborted = features.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
        var body = new BufferedStream(features.GetRequiredFeature<IHttpRequestFeature>().Body, 64 << 10);
        await using (body.ConfigureAwait(false))
        {
            var given = await new CacheImport(body, engine.Signature, 2L * ShadowSender.BytesMax).ReadOneAsync(aborted).ConfigureAwait(false);
            if (await CompareAsync(given, aborted).ConfigureAwait(false) is not { } rows)
            {
                await HttpReply.RefuseAsync(features, NotTaken).ConfigureAwait(false);
                return;
            }

            counters.Add(rows);
            await HttpReply.SendAsync(features, StatusCodes.Status200OK, HttpReply.Json, "{}"u8.ToArray()).ConfigureAwait(false);
        }
    }

    // Null: it was not executed, which says nothing of the model.
    private async Task<RowAgreement?> CompareAsync(FetchedResponse? given, CancellationToken cancellationToken)
    {
        if (given is null || RowsOf(given.Request) is not { } rows)
        {
            return new(0, 0, 1);
        }

        var now = clock.GetTimestamp();
        var request = given.Request with
        {
            Rows = rows,
            ArrivedAt = now,
            ReadAt = now,
            DeadlineAt = now + (long)(ShadowSender.TimeMax.TotalSeconds * clock.TimestampFrequency),
            Priority = QueueSettings.PriorityLevels,
        };
        switch (await engine.InferAsync(request, cancellationToken).ConfigureAwait(false))
        {
            case InferenceOutcome.Answered answered:
                try
                {
                    return AnswerComparison.Compare(engine.Signature, request.OutputsWanted, given.Outputs, answered.Outputs);
                }
                finally
                {
                    answered.Release?.Invoke();
                }

            case InferenceOutcome.Refused or InferenceOutcome.Failed:
                return new(0, rows, 0);
            default:
                return null;
        }
    }

    // Null: its inputs have not as many rows each.
    private int? RowsOf(InferenceRequest request)
    {
        if (!engine.Signature.Batched)
        {
            return 1;
        }

        var rows = request.Inputs[0].Shape.Span[0];
        return rows is >= 1 and <= int.MaxValue && request.Inputs.All(input => input.Shape.Span[0] == rows) ? (int)rows : null;
    }
}
