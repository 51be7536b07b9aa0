using System.Runtime.InteropServices;

namespace InferenceRuntime.Tests.Execution;

/// <summary>The environment as native code sees it; the managed one is a copy.</summary>
internal static partial class NativeEnvironment
{
    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Get(string name);
}
