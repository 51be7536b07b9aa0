namespace InferenceOperator.Local.Endpoint.Grpc;

/// <summary>grpc.health.v1: the endpoint as a whole under the empty name and its services' names, and each agent under its own.</summary>
/// <remarks>Serving is what can answer: an agent that sleeps does as soon as it is asked to compute. Thread safe.</remarks>
internal sealed class GrpcHealth(RouteTable routes, TimeProvider time)
{
    /// <summary>What the paths of its methods begin with.</summary>
    public const string Prefix = "/" + ServiceName + "/";

    /// <summary>How often a watch looks.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private const string ServiceName = "grpc.health.v1.Health";

    /// <summary>Of the protocol's values those that are told; <c>Unknown</c> is nobody's state.</summary>
    private enum Serving
    {
        Unknown = 0,
        Serving = 1,
        NotServing = 2,
        ServiceUnknown = 3,
    }

    /// <summary>True when all agents have a replica to answer with, or can be woken.</summary>
    public bool IsReady => routes.All.All(static route => route.State.Serves);

    /// <summary>Answers <c>Check</c>.</summary>
    public async Task CheckAsync(HttpContext context, string service)
    {
        if (StateOf(service) is Serving.ServiceUnknown)
        {
            GrpcAnswers.End(context, GrpcStatus.Of(GrpcCode.NotFound, $"there is no service or agent '{Shown(service)}'"));
            return;
        }

        await GrpcAnswers.WriteAsync(context, Message(StateOf(service))).ConfigureAwait(false);
    }

    /// <summary>Answers <c>Watch</c>: the state now and whenever it has changed, until the client goes away or the endpoint stops.</summary>
    /// <exception cref="OperationCanceledException">The client has gone away, or its deadline has come.</exception>
    public async Task WatchAsync(HttpContext context, string service, CallSpan span, CancellationToken stopping)
    {
        await GrpcAnswers.BeginAsync(context, encoding: null).ConfigureAwait(false);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(span.Token, stopping);
        using var looks = new PeriodicTimer(LookEvery, time);
        var told = Serving.Unknown;
        try
        {
            do
            {
                if (StateOf(service) is var state && state != told)
                {
                    told = state;
                    await GrpcAnswers.SendAsync(context, Message(state)).ConfigureAwait(false);
                }
            }
            while (await looks.WaitForNextTickAsync(end.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!span.IsAborted)
        {
            GrpcAnswers.End(context, span.IsExpired ? GrpcStatus.Expired : GrpcStatus.Stopping);
        }
    }

    private static List<byte> Message(Serving state) => new List<byte>().Number(1, (int)state);

    private static string Shown(string name) => name.Length > 100 ? name[..100] : name;

    private Serving StateOf(string service) => service is "" or ServiceName or GrpcEndpoint.ServiceName ? Word(IsReady)
        : routes.Find(service) is { } route ? Word(route.State.Serves)
        : Serving.ServiceUnknown;

    private static Serving Word(bool isServing) => isServing ? Serving.Serving : Serving.NotServing;
}
