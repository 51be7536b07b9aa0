using System.CommandLine;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Kubernetes;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Errors;
using InferenceOperator.PolicyCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceOperator.Commands;

/// <summary>The command <c>policy</c>: tells what policies would do before they do it.</summary>
internal sealed class PolicyCommand
{
    private const string About = """
        Check what InferencePolicies would make of agents, before they are applied: each field that would count otherwise than declared, and each agent that
        would be refused. POLICIES and --agents are manifests or folders of them; labels of namespaces are read from the Namespaces among them, and those
        not there have none.

          inference-operator policy check policies/ --agents manifests/      files alone, as in a pipeline
          inference-operator policy check policies/ --cluster                the agents and namespaces of the cluster that the kubeconfig names

        Exit codes: 0 no agent is refused, 1 one is (with --strict: or one is limited) or a manifest is faulty, 2 an option is wrong or the cluster cannot be read.
        """;

    private readonly Argument<string> _policies = new("POLICIES") { Description = "Manifest or folder of InferencePolicies." };
    private readonly Option<string?> _agents = new("--agents") { Description = "Manifest or folder of InferenceAgents, and of Namespaces with their labels." };
    private readonly Option<bool> _cluster = new("--cluster") { Description = "Check the agents of a cluster instead; nothing is written." };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Kubeconfig file. [default: KUBECONFIG, the pod's own account, ~/.kube/config]" };
    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig. [default: its current one]" };
    private readonly Option<bool> _strict = new("--strict") { Description = "Agents that are only limited fail the check too." };
    private readonly Option<string[]> _prices = PriceOption.Create();

    public static Command Create() => new Command("policy", "What the platform asks of agents.") { new PolicyCommand().Build() };

    private Command Build()
    {
        var command = new Command("check", About) { _policies, _agents, _cluster, _kubeconfig, _context, _strict, _prices };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        try
        {
            var prices = PriceOption.Read(parsed.GetValue(_prices));
            if (parsed.GetValue(_cluster) == parsed.GetValue(_agents) is not null)
            {
                throw new FormatException("either --agents or --cluster says which agents are checked");
            }

            var policies = await CheckedFiles.ReadAsync(parsed.GetValue(_policies)!, cancellationToken).ConfigureAwait(false); // Required.
            var subjects = parsed.GetValue(_agents) is { } path
                ? await CheckedFiles.ReadAsync(path, cancellationToken).ConfigureAwait(false)
                : await FromClusterAsync(parsed, cancellationToken).ConfigureAwait(false);
            return await ReportAsync(policies, subjects, prices, parsed.GetValue(_strict), output, errors).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FormatException or KubernetesConfigException or ApiException)
        {
            await errors.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCodes.BadArguments;
        }
    }

    private async Task<CheckedFiles> FromClusterAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var config = KubernetesConfig.Load(parsed.GetValue(_kubeconfig), parsed.GetValue(_context));
        using var client = KubernetesClient.Connect(config, new KubernetesClientOptions(), NullLoggerFactory.Instance);
        return await CheckedFiles.FromAsync(client, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ReportAsync(CheckedFiles policies, CheckedFiles subjects, GpuPrices? prices, bool strict, TextWriter output, TextWriter errors)
    {
        var report = PolicyReport.Of(policies, subjects, prices);
        foreach (var fault in report.Faults)
        {
            await errors.WriteLineAsync(fault).ConfigureAwait(false);
        }

        foreach (var line in report.Lines())
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }

        return report.Faults.IsEmpty && report.Refused == 0 && (!strict || report.Limited == 0) ? ExitCodes.Done : ExitCodes.Failed;
    }
}
