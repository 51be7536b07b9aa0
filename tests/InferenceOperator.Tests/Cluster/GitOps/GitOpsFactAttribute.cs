namespace InferenceOperator.Tests.Cluster.GitOps;

/// <summary>A test that runs Lua and CEL: skipped with the reason where their interpreters are not to be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GitOpsFactAttribute : FactAttribute
{
    public GitOpsFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Modules, "node_modules", "wasmoon")))
        {
            Skip = $"{Modules} lacks wasmoon; run eng/gitops-health";
        }
    }

    /// <summary>The folder whose node_modules hold them.</summary>
    public static string Modules { get; } = Environment.GetEnvironmentVariable("INFERENCE_OPERATOR_GITOPS_HEALTH") ?? Repository.File("artifacts", "gitops-health");
}
