using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace InferenceOperator.Local.Replicas;

/// <summary>What is known of a model's file.</summary>
internal abstract record ModelFile
{
    private ModelFile()
    {
    }

    /// <summary>It can be read.</summary>
    /// <param name="Path">Absolute.</param>
    /// <param name="Sha256">Of its content, lower-case hexadecimal.</param>
    public sealed record Readable(string Path, string Sha256) : ModelFile;

    /// <summary>It cannot be served.</summary>
    /// <param name="Reason">One sentence for people.</param>
    public sealed record Unusable(string Reason) : ModelFile;

    /// <summary>Looks at files and remembers their hashes until their size or time changes. Thread safe.</summary>
    public sealed class Inspector
    {
        private readonly ConcurrentDictionary<string, (long Length, DateTime Written, string Sha256)> _known = new(StringComparer.Ordinal);

        /// <param name="path">Absolute.</param>
        /// <param name="pin">SHA-256 that it must have, or null.</param>
        /// <param name="field">The manifest's field that declares it, for the reason.</param>
        /// <param name="cancellationToken">Ends the reading.</param>
        public async ValueTask<ModelFile> InspectAsync(string path, string? pin, string field, CancellationToken cancellationToken)
        {
            try
            {
                var file = new FileInfo(path);
                if (!file.Exists)
                {
                    return new Unusable(Directory.Exists(path) ? $"{path} is a folder, not a model file" : $"{path}: there is no such file");
                }

                if (file.Length == 0)
                {
                    return new Unusable($"{path} is empty");
                }

                if (!_known.TryGetValue(path, out var known) || known.Length != file.Length || known.Written != file.LastWriteTimeUtc)
                {
                    known = (file.Length, file.LastWriteTimeUtc, await HashAsync(path, cancellationToken).ConfigureAwait(false));
                    _known[path] = known;
                }

                return pin is null || string.Equals(pin, known.Sha256, StringComparison.OrdinalIgnoreCase)
                    ? new Readable(path, known.Sha256)
                    : new Unusable($"{path} has sha256 {known.Sha256}, but {field}.sha256 pins {pin}");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return new Unusable($"{path} cannot be read: {exception.Message}");
            }
        }

        private static async ValueTask<string> HashAsync(string path, CancellationToken cancellationToken)
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
            try
            {
                int count;
                while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    hash.AppendData(buffer.AsSpan(0, count));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
