using System.CommandLine;
using System.Globalization;
using InferenceOperator.Kubernetes;

namespace InferenceOperator.Commands;

/// <summary>The options for how hard the API server may be pressed.</summary>
internal sealed class ApiRateOptions
{
    private static readonly KubernetesClientOptions Defaults = new();

    private readonly Option<double> _perSecond = new("--kube-api-qps") { Description = "Requests to the API server per second in the long run.", DefaultValueFactory = static _ => Defaults.QueriesPerSecond };
    private readonly Option<int> _burst = new("--kube-api-burst") { Description = "Requests at once after a quiet time.", DefaultValueFactory = static _ => Defaults.Burst };

    public void AddTo(Command command)
    {
        command.Options.Add(_perSecond);
        command.Options.Add(_burst);
    }

    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    public KubernetesClientOptions Read(ParseResult parsed)
    {
        var (perSecond, burst) = (parsed.GetValue(_perSecond), parsed.GetValue(_burst));
        return perSecond is > 0 and <= 100_000 && burst is >= 1 and <= 1_000_000
            ? Defaults with { QueriesPerSecond = perSecond, Burst = burst }
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--kube-api-qps {perSecond} --kube-api-burst {burst}: above 0 to 100000 requests/s, and a burst of 1 to 1000000, are possible"));
    }
}
