using System.Diagnostics;
using InferenceOperator.Testing.Servers;

namespace InferenceRuntime.Tests.Observability;

public sealed class PromtoolTests
{
    [ServerFact(Server.Prometheus)]
    public async Task Promtool_finds_nothing_wrong_with_the_page()
    {
        var start = new ProcessStartInfo(Path.Combine(ServerPrograms.Find(Server.Prometheus, out _)!, "promtool"), ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var promtool = Process.Start(start)!;
        await promtool.StandardInput.WriteAsync(Golden.Read("metrics.txt"));
        promtool.StandardInput.Close();
        var (findings, errors) = (await promtool.StandardOutput.ReadToEndAsync(), await promtool.StandardError.ReadToEndAsync());
        await promtool.WaitForExitAsync();

        Assert.Equal("", findings + errors);
        Assert.Equal(0, promtool.ExitCode);
    }
}
