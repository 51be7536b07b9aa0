namespace InferenceRuntime.Execution.Providers;

/// <summary>Where TensorRT keeps the engines of one model: a folder of its own, so that another file of the same name does not get them.</summary>
/// <param name="root">The folder of all models' engines; null: they are not kept.</param>
/// <param name="sha256">Hash of the model file, hexadecimal.</param>
internal sealed class EngineCache(string? root, string sha256)
{
    /// <summary>Digits of the hash that name the folder.</summary>
    private const int Digits = 16;

    private readonly string? _folder = root is null ? null : Path.Combine(root, sha256[..Digits]);

    /// <summary>Whether engines lie there. TensorRT builds anew those that are of another device or version.</summary>
    public bool HasEngines => Directory.Exists(_folder) && Directory.EnumerateFiles(_folder, "*.engine").Any();

    /// <summary>The folder, made if it is not there; null when nothing is kept.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public string? Folder() => _folder is null ? null : Directory.CreateDirectory(_folder).FullName;
}
