using System.Globalization;
using InferenceRuntime.Core.Statistics;

namespace InferenceRuntime.Transport.Replies;

/// <summary>What the model configuration has no field for and tells as parameters; the same over REST and gRPC.</summary>
internal static class ModelParameters
{
    /// <summary>By what the model runs, and which shares of it do; a share that could not be measured is left out.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(ModelPlacement placement)
    {
        yield return new("execution_provider", placement.Provider);
        if (placement.TimeShare is { } time)
        {
            yield return new("accelerated_time_ratio", Text(time));
        }

        if (placement.NodeShare is { } nodes)
        {
            yield return new("accelerated_nodes_ratio", Text(nodes));
        }
    }

    private static string Text(double share) => share.ToString("0.####", CultureInfo.InvariantCulture);
}
