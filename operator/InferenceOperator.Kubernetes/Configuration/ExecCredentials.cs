using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>A token or a client certificate from a credential plugin, such as those of the cloud providers; asked again shortly before it ends.</summary>
/// <param name="request">How the plugin is run.</param>
/// <param name="hasTerminal">Whether a person sits at the standard input.</param>
internal sealed class ExecCredentials(ExecRequest request, bool hasTerminal) : Credentials
{
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewAhead = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private Task<Issued>? _running;
    private volatile Issued? _last;

    public override bool GivesCertificates => true;

    public override X509Certificate2? Certificate => _last?.Certificate;

    public override async ValueTask<string> GetTokenAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (_last is { Refused: false } last && time.GetUtcNow() < last.Until)
        {
            return last.Token;
        }

        Task<Issued> running;
        lock (_gate)
        {
            // Shared by all requests that wait for it, so it does not end with any one of them; its own time limit ends it.
            running = _running is { IsCompleted: false } started ? started : _running = RunAsync(time);
        }

        return (await running.WaitAsync(cancellationToken).ConfigureAwait(false)).Token;
    }

    public override bool TryRenew()
    {
        _last = _last is { } last ? last with { Refused = true } : null;
        return true;
    }

    private async Task<Issued> RunAsync(TimeProvider time)
    {
        var interactive = hasTerminal && request.Interaction is not ExecInteraction.Never;
        if (!interactive && request.Interaction is ExecInteraction.Always)
        {
            throw new KubernetesConfigException($"{request.Place}: {request.Command} wants to ask somebody (interactiveMode: Always), and there is no terminal");
        }

        var start = new ProcessStartInfo(request.Command, request.Arguments) { RedirectStandardOutput = true, RedirectStandardError = !interactive, RedirectStandardInput = !interactive };
        foreach (var (name, value) in request.Variables)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = request.Information(interactive);
        using var limit = new CancellationTokenSource(RunMax, time);
        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
            if (!interactive)
            {
                process.StandardInput.Close();
            }

            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = interactive ? Task.FromResult("its message is above") : process.StandardError.ReadToEndAsync(limit.Token);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(limit.Token)).ConfigureAwait(false);
            return process.ExitCode == 0
                ? _last = Read(await output.ConfigureAwait(false), time.GetUtcNow())
                : throw new KubernetesConfigException(
                    $"{request.Place}: {request.Command} ended with {process.ExitCode}: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch (Win32Exception error)
        {
            throw new KubernetesConfigException($"{request.Place}.command: cannot run {request.Command}: {error.Message}{(request.InstallHint.Length > 0 ? $"; {request.InstallHint}" : "")}", error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new KubernetesConfigException($"{request.Place}: {request.Command} did not end within {RunMax.TotalSeconds:0} s");
        }
    }

    private Issued Read(string output, DateTimeOffset now)
    {
        ExecCredential? credential;
        try
        {
            credential = JsonSerializer.Deserialize(output, ExecCredentialJson.Default.ExecCredential);
        }
        catch (JsonException error)
        {
            throw new KubernetesConfigException($"{request.Place}: {request.Command} did not print an ExecCredential: {error.Message}", error);
        }

        if (credential is { Kind: not "ExecCredential" } || credential?.ApiVersion != request.ApiVersion)
        {
            throw new KubernetesConfigException($"{request.Place}: {request.Command} printed {credential?.ApiVersion} {credential?.Kind}, not the {request.ApiVersion} ExecCredential that the kubeconfig names");
        }

        var status = credential.Status;
        var certificate = (status?.ClientCertificateData, status?.ClientKeyData) switch
        {
            ({ Length: > 0 } pem, { Length: > 0 } key) => PemFiles.WithKey($"{request.Place}: {request.Command}", pem, key),
            (null or "", null or "") => null,
            _ => throw new KubernetesConfigException($"{request.Place}: {request.Command} gave only one of client certificate and key"),
        };
        var token = status?.Token ?? "";
        return token.Length > 0 || certificate is not null
            ? new Issued(token, certificate, UntilOf(status!.ExpirationTimestamp, now), Refused: false) // It gave one of them.
            : throw new KubernetesConfigException($"{request.Place}: {request.Command} gave neither a token nor a client certificate");
    }

    /// <summary>A while before the end; for what lives shortly, a tenth of its life.</summary>
    private static DateTimeOffset UntilOf(DateTimeOffset? expiration, DateTimeOffset now)
    {
        if (expiration is not { } end)
        {
            return DateTimeOffset.MaxValue;
        }

        var tenth = (end - now) / 10;
        return end - (tenth < RenewAhead ? tenth : RenewAhead);
    }

    /// <param name="Token">Empty: only a certificate was given.</param>
    /// <param name="Certificate">Null: only a token was given.</param>
    /// <param name="Until">When to ask again.</param>
    /// <param name="Refused">The API server did not take it.</param>
    private sealed record Issued(string Token, X509Certificate2? Certificate, DateTimeOffset Until, bool Refused);
}
