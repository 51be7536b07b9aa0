using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit.Sdk;

namespace Packaging.Tests.Kit;

/// <summary>A test that runs <c>kubectl kustomize</c>: skipped with the reason where kubectl is missing or has one of before version 4.</summary>
[TraitDiscoverer("InferenceOperator.Testing.Servers.ServerTraitDiscoverer", "Testing")]
[AttributeUsage(AttributeTargets.Method)]
public sealed partial class KustomizeFactAttribute : FactAttribute, ITraitAttribute
{
    private static readonly Lazy<string?> Missing = new(FindMissing);

    public KustomizeFactAttribute()
    {
        if (Missing.Value is { } missing)
        {
            Skip = missing;
        }
    }

    private static string? FindMissing()
    {
        if (Shell.Find("kubectl") is not { } kubectl)
        {
            return "kubectl is not on the PATH";
        }

        using var process = Process.Start(new ProcessStartInfo(kubectl, ["version", "--client"]) { RedirectStandardOutput = true, RedirectStandardError = true })!; // A new process.
        var version = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Version().Match(version) is { Success: true } match && int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) >= 21
            ? null
            : $"kubectl is older than 1.21, whose kustomize knows no overlays of folders: {version.Trim()}";
    }

    [GeneratedRegex("""v1\.(\d+)""")]
    private static partial Regex Version();
}
