using System.CommandLine;
using InferenceOperator.Manifests;

namespace InferenceOperator.Commands;

/// <summary>The command <c>validate</c>: checks manifests as the API server and the operator would.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("PATH") { Description = "A manifest, or a folder of *.yaml and *.yml manifests." };
        var command = new Command("validate", "Check InferenceAgent manifests; 0 when all are good, 1 when one is not.") { path };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(path)!, Console.Out, Console.Error, cancellationToken));
        return command;
    }

    internal static async Task<int> RunAsync(string path, TextWriter output, TextWriter errors, CancellationToken cancellationToken)
    {
        var set = ManifestReader.Read(await ManifestFolder.ReadAsync(path, cancellationToken).ConfigureAwait(false));
        foreach (var line in set.Remarks)
        {
            await output.WriteLineAsync(line).ConfigureAwait(false);
        }

        foreach (var (key, file) in set.Files)
        {
            await output.WriteLineAsync($"{file}: {key} is good").ConfigureAwait(false);
        }

        foreach (var line in set.Faults.SelectMany(fault => fault.Lines))
        {
            await errors.WriteLineAsync(line).ConfigureAwait(false);
        }

        if (set.Agents.IsEmpty && set.Faults.IsEmpty)
        {
            await errors.WriteLineAsync($"{path} declares no InferenceAgent").ConfigureAwait(false);
        }

        return set.Faults.IsEmpty && !set.Agents.IsEmpty ? ExitCodes.Done : ExitCodes.Failed;
    }
}
