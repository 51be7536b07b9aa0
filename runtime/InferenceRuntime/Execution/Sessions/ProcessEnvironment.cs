using System.Runtime.InteropServices;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The environment as native libraries read it, which <see cref="Environment.SetEnvironmentVariable(string, string?)"/> does not change on Unix.</summary>
internal static partial class ProcessEnvironment
{
    /// <summary>Sets a variable. Called before the library that reads it is loaded.</summary>
    /// <exception cref="InvalidOperationException">There is no memory for it.</exception>
    public static void Set(string name, string value)
    {
        if (SetEnvironmentVariable(name, value, overwrite: 1) != 0)
        {
            throw new InvalidOperationException($"{name} could not be set.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
