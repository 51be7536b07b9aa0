namespace InferenceOperator.Cluster.Children;

/// <summary>Where things lie in a replica's container.</summary>
internal static class RuntimePaths
{
    public const string Models = "/models";
    public const string ModelLinks = "/model-links";
    public const string ModelStore = "/model-store";
    public const string ModelAuth = "/etc/inference-model-auth";
    public const string ModelSourcesFile = "model-sources";
    public const string SettingsFolder = "/etc/inference";
    public const string SettingsFile = "settings.json";
    public const string Settings = SettingsFolder + "/" + SettingsFile;
    public const string AdminTokenFolder = "/etc/inference-admin";
    public const string AdminTokenFile = "token";
    public const string AdminToken = AdminTokenFolder + "/" + AdminTokenFile;
    public const string TerminationLog = "/dev/termination-log";
    public const string Temporary = "/tmp";
    public const string Engines = "/engines";
}
