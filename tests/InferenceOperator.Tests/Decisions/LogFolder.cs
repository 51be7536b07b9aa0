using System.Text;
using InferenceOperator.Core.Control;

namespace InferenceOperator.Tests.Decisions;

/// <summary>A folder for logs of decisions; it goes with the test.</summary>
internal sealed class LogFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("decisions-").FullName;

    /// <summary>A decision on a busy agent, as the log holds it.</summary>
    public static string Line(double rows, string agent, DateTimeOffset? at = null) => Encoding.UTF8.GetString(DecisionRules.Line(DecisionRules.Decide(Bases.Busy(rows, agent, at))));

    /// <summary>Writes lines; returns the path.</summary>
    public string Write(string name, params string[] lines)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
