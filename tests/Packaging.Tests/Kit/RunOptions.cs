using InferenceOperator.Commands;

namespace Packaging.Tests.Kit;

/// <summary>The options that <c>inference-operator run</c> knows.</summary>
internal static class RunOptions
{
    private static readonly HashSet<string> Names = [.. RunCommand.Create().Options.Select(static option => option.Name)];

    /// <summary>Fails for an argument that the program would refuse.</summary>
    public static void AssertKnown(IEnumerable<string> arguments)
    {
        Assert.Equal("run", arguments.First());
        Assert.Empty(RunCommand.Create().Parse([.. arguments.Skip(1)]).Errors);
        Assert.All(arguments.Skip(1), static argument => Assert.Contains(argument.Split('=')[0], Names));
    }
}
