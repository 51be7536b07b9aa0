using System.Globalization;
using System.Security.Cryptography;
using InferenceRuntime.Onnx;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>A model file read once: what is hashed, checked and run are the same bytes, whatever happens to the file meanwhile.</summary>
internal abstract record ModelFile
{
    private const int ChunkBytes = 1 << 20;

    private ModelFile()
    {
    }

    /// <summary>The file was read and has the hash that was asked for.</summary>
    /// <param name="Bytes">The whole file.</param>
    /// <param name="Sha256">64 lower-case hexadecimal digits.</param>
    public sealed record Read(byte[] Bytes, string Sha256) : ModelFile;

    /// <summary>The file cannot be used.</summary>
    public sealed record Unusable(string Reason) : ModelFile;

    /// <summary>Reads and hashes the file.</summary>
    /// <param name="path">Where it lies.</param>
    /// <param name="expectedSha256">The hash it must have, in digits of either case; null for any.</param>
    /// <param name="cancellationToken">Gives the reading up.</param>
    public static async Task<ModelFile> ReadAsync(string path, string? expectedSha256, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            if (stream.Length > OnnxLimits.FileBytesMax)
            {
                return new Unusable(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: {stream.Length} bytes, more than the {OnnxLimits.FileBytesMax} that an ONNX file can have; keep the weights in external data"));
            }

            var bytes = new byte[stream.Length];
            var sha256 = await FillAsync(stream, bytes, cancellationToken).ConfigureAwait(false);
            return expectedSha256 is null || string.Equals(expectedSha256.Trim(), sha256, StringComparison.OrdinalIgnoreCase)
                ? new Read(bytes, sha256)
                : new Unusable($"{path}: sha256 mismatch: expected {expectedSha256.Trim()}, actual {sha256}");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new Unusable($"{path}: the file does not exist");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new Unusable($"{path}: it cannot be read: {exception.Message}");
        }
    }

    private static async Task<string> FillAsync(FileStream stream, byte[] bytes, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var at = 0; at < bytes.Length;)
        {
            var chunk = bytes.AsMemory(at, Math.Min(ChunkBytes, bytes.Length - at));
            await stream.ReadExactlyAsync(chunk, cancellationToken).ConfigureAwait(false);
            hash.AppendData(chunk.Span);
            at += chunk.Length;
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
