using InferenceRuntime.Execution;

namespace InferenceRuntime.Tests.Execution;

public sealed class RealPathTests : IDisposable
{
    private readonly string _folder = Path.Combine(RealPath.Of(Directory.CreateTempSubdirectory("real").FullName)!); // It was made just now.

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("in/model.onnx", "in/model.onnx")]
    [InlineData("link/model.onnx", "out/model.onnx")]
    [InlineData("in/up/model.onnx", "out/model.onnx")]
    [InlineData("in/file", "out/secret")]
    [InlineData("in/chain", "out/secret")]
    [InlineData("in/./../in/model.onnx", "in/model.onnx")]
    [InlineData("in/none/at/all", "in/none/at/all")]
    public void Every_link_on_the_way_is_followed(string path, string real)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "in"));
        Directory.CreateDirectory(Path.Combine(_folder, "out"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "link"), Path.Combine(_folder, "out"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "in", "up"), "../out");
        File.CreateSymbolicLink(Path.Combine(_folder, "in", "file"), Path.Combine(_folder, "out", "secret"));
        File.CreateSymbolicLink(Path.Combine(_folder, "in", "chain"), "./file");

        Assert.Equal(Path.Combine(_folder, real), RealPath.Of(Path.Combine(_folder, path)));
    }

    [Fact]
    public void A_circle_is_nowhere()
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "a"), "b");
        File.CreateSymbolicLink(Path.Combine(_folder, "b"), "a");

        Assert.Null(RealPath.Of(Path.Combine(_folder, "a")));
    }

    [Theory]
    [InlineData("/models/a.onnx", "/models", true)]
    [InlineData("/models/a.onnx", "/models/", true)]
    [InlineData("/models-1/a.onnx", "/models", false)]
    [InlineData("/models", "/models", false)]
    [InlineData("/a.onnx", "/", true)]
    public void A_file_lies_in_the_folders_above_it(string path, string folder, bool lies) => Assert.Equal(lies, RealPath.LiesIn(path, folder));
}
