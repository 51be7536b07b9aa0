namespace InferenceRuntime.Load;

/// <summary>The result of a load: what <c>bench --output</c> writes.</summary>
/// <param name="Url">The server.</param>
/// <param name="Model">The model asked.</param>
/// <param name="Protocol"><c>binary</c>, <c>json</c> or <c>grpc</c>.</param>
/// <param name="Rows">Rows of each request.</param>
/// <param name="SloMs">The SLO that attainment was counted against; null when none was given.</param>
/// <param name="Seconds">Length of the measured stretch.</param>
/// <param name="LastReplySeconds">From its begin until the last request had ended; more than its length where client or server fell behind.</param>
/// <param name="Total">Everything after the warm-up.</param>
/// <param name="Phases">The same by the phase in which a request fell due; empty in a closed loop.</param>
internal sealed record LoadReport(
    string Url,
    string Model,
    string Protocol,
    int Rows,
    double? SloMs,
    double Seconds,
    double LastReplySeconds,
    LoadFigures Total,
    IReadOnlyList<LoadFigures> Phases);
