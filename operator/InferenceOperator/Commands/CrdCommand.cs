using System.CommandLine;
using InferenceOperator.Core.Policy;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Commands;

/// <summary>The command <c>crd</c>: prints the CustomResourceDefinitions, ready for <c>kubectl apply -f -</c>.</summary>
internal static class CrdCommand
{
    public static Command Create()
    {
        var command = new Command("crd", "Print the CustomResourceDefinitions of InferenceAgent and InferencePolicy as YAML.");
        command.SetAction(async (_, _) =>
        {
            await Console.Out.WriteAsync(CrdYaml.Render() + "---\n" + PolicyCrd.Render()).ConfigureAwait(false);
            return ExitCodes.Done;
        });
        return command;
    }
}
