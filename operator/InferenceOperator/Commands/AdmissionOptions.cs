using System.CommandLine;
using System.Globalization;
using System.Net;
using InferenceOperator.Cluster.Admission;
using InferenceOperator.Kubernetes.Configuration;

namespace InferenceOperator.Commands;

/// <summary>The options of the admission webhook.</summary>
internal sealed class AdmissionOptions
{
    private readonly Option<string?> _name = new("--admission") { Description = "Serve the validating admission webhook; the value is the name of its ValidatingWebhookConfiguration, of its Service and of the Secret with its certificates, which the operator makes and renews. [default: none is served]" };
    private readonly Option<int> _port = new("--admission-port") { Description = "Its port; 0 takes a free one.", DefaultValueFactory = static _ => AdmissionSettings.DefaultPort };

    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_port);
    }

    /// <summary>Null: none is served.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">Says the namespace where nobody else does.</param>
    /// <param name="host">Where the operator listens.</param>
    /// <param name="ownNamespace">Namespace of the operator; null: as <paramref name="config"/> says.</param>
    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    public AdmissionSettings? Read(ParseResult parsed, KubernetesConfig config, IPAddress host, string? ownNamespace)
    {
        if (parsed.GetValue(_name) is not { } name)
        {
            return null;
        }

        if (name.Length is 0 or > 63 || name.Any(static c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-') || !char.IsAsciiLetterLower(name[0]) || name[^1] == '-')
        {
            throw new FormatException($"--admission: '{name}' cannot be the name of a Service: lower-case letters, digits and '-' are possible, at most 63, a letter first");
        }

        return parsed.GetValue(_port) is >= 0 and <= 65535 and var port
            ? new AdmissionSettings { Name = name, Namespace = ownNamespace ?? config.Namespace, Listen = new IPEndPoint(host, port) }
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"--admission-port {parsed.GetValue(_port)}: a port from 0 to 65535 is needed"));
    }
}
