using System.Globalization;
using System.Text.Json.Nodes;

namespace InferenceOperator.Cluster.Children;

/// <summary>How a pod's grace period is spent: on answering while nobody is sent to it any more, then on what is in flight, and a rest for the end of the process.</summary>
/// <param name="Grace">Time from the order to end until the pod is killed.</param>
/// <param name="Delay">How long a replica goes on answering as before: longer than endpoints take to spread.</param>
/// <param name="Timeout">Longest wait for the requests in flight after that.</param>
internal readonly record struct DrainTimes(TimeSpan Grace, TimeSpan Delay, TimeSpan Timeout)
{
    private const int UsualGraceSeconds = 60;
    private const int UsualDelaySeconds = 5;

    /// <summary>As the template's <c>terminationGracePeriodSeconds</c> says, else of a minute.</summary>
    public static DrainTimes Of(JsonObject? template)
    {
        var grace = template?["terminationGracePeriodSeconds"] is { } given
            && long.TryParse(given.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : UsualGraceSeconds;
        var delay = Math.Min(UsualDelaySeconds, grace / 4);
        return new(TimeSpan.FromSeconds(grace), TimeSpan.FromSeconds(delay), TimeSpan.FromSeconds(Math.Max(1, grace - (2 * delay))));
    }
}
