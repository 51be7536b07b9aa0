using System.CommandLine;

namespace InferenceOperator.Tests;

/// <summary>Runs a command in this process.</summary>
internal static class CommandUnderTest
{
    public static async Task<(int Code, string Output, string Errors)> RunAsync(Command command, params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await new RootCommand { command }.Parse([command.Name, .. arguments]).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }
}
