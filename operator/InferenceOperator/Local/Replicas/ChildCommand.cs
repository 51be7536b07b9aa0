using System.Collections.Immutable;

namespace InferenceOperator.Local.Replicas;

/// <summary>How a child process is started.</summary>
/// <param name="Program">The program's file.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="WorkingDirectory">Where it is started.</param>
/// <param name="Output">Takes each line of its output, on any thread.</param>
internal sealed record ChildCommand(string Program, ImmutableArray<string> Arguments, string WorkingDirectory, Action<string> Output);
