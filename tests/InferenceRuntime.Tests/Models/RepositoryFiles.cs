using InferenceRuntime.Models;
using InferenceRuntime.Onnx.Schema;
using InferenceRuntime.Onnx.Tests;
using DataType = InferenceRuntime.Onnx.Schema.TensorProto.Types.DataType;

namespace InferenceRuntime.Tests.Models;

/// <summary>A folder of models for one test.</summary>
internal sealed class RepositoryFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("inference-runtime-repository");

    public string Root => _folder.FullName;

    public ModelFolders Folders => new(Root);

    /// <summary>A model of rows of two numbers whose one node tells which it is: Identity or Neg.</summary>
    public static ModelProto Rows(string operation) => TinyModel.Of(
        [TinyModel.Value("x", DataType.Float, "n", 2)], [TinyModel.Value("y", DataType.Float, "n", 2)], [TinyModel.Node(operation, ["x"], ["y"])]);

    /// <summary>Puts a version in place in one step, as whoever publishes one has to; gives its file's path.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version.</param>
    /// <param name="bytes">The model file; one byte where it does not matter.</param>
    /// <param name="serveFrom">What its announcement says; null: it is not announced.</param>
    public string Write(string name, string version, byte[]? bytes = null, string? serveFrom = null)
    {
        var unfinished = Path.Combine(_folder.FullName, $"{name}.unfinished");
        var folder = Path.Combine(_folder.FullName, name, version);
        Directory.CreateDirectory(unfinished);
        File.WriteAllBytes(Path.Combine(unfinished, "model.onnx"), bytes ?? [1]);
        if (serveFrom is not null)
        {
            File.WriteAllText(Path.Combine(unfinished, ServeFrom.FileName), serveFrom);
        }

        Directory.CreateDirectory(Path.Combine(_folder.FullName, name));
        Directory.Move(unfinished, folder);
        return Path.Combine(folder, "model.onnx");
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
