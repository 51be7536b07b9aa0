
namespace InferenceRuntime.Tests;

/// <summary>Files with expected texts, beside the tests that read them.</summary>
internal static class Golden
{
    public static string Read(string name) => File.ReadAllText(Path(name));

    public static void AssertEqual(string name, string actual)
    {
        // A first run writes what is missing, for a person to judge; it fails all the same.
        if (!File.Exists(Path(name)))
        {
            File.WriteAllText(Path(name), actual);
            Assert.Fail($"{name} was missing and has been written: look at it");
        }

        Assert.Equal(Read(name), actual);
    }

    private static string Path(string name) => Repository.File("tests", "InferenceRuntime.Tests", "Golden", name);
}
