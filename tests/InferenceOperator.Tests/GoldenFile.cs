namespace InferenceOperator.Tests;

/// <summary>Files with expected texts. UPDATE_GOLDEN=1 writes them.</summary>
internal static class GoldenFile
{
    /// <param name="actual">The text.</param>
    /// <param name="path">Folders below this project, and the name.</param>
    public static void AssertEqual(string actual, params string[] path)
    {
        var file = Repository.File(["tests", "InferenceOperator.Tests", .. path]);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.Equal(File.ReadAllText(file), actual);
    }
}
