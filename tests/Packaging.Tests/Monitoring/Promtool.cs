using InferenceOperator.Testing.Servers;
using Packaging.Tests.Kit;

namespace Packaging.Tests.Monitoring;

/// <summary>Prometheus' own judge of rules.</summary>
internal static class Promtool
{
    /// <summary>Checks a rule file and answers with the number of rules.</summary>
    public static async Task CheckAsync(string file)
    {
        var result = await Shell.RunAsync(Program(), null, "check", "rules", file);
        Assert.True(result.Code == 0, result.Output + result.Errors);
    }

    /// <summary>Runs a file of rule tests.</summary>
    public static async Task TestAsync(string file)
    {
        var result = await Shell.RunAsync(Program(), null, "test", "rules", file);
        Assert.True(result.Code == 0, result.Output + result.Errors);
    }

    private static string Program() => Path.Combine(ServerPrograms.Find(Server.Prometheus, out var missing) ?? throw new InvalidOperationException(missing), "promtool");
}
