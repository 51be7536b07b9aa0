using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace InferenceRuntime.Models;

/// <summary>The file that announces a version for later: a time as RFC 3339 writes it, to the second, or nothing for a time yet to be told.</summary>
internal static class ServeFrom
{
    /// <summary>Its name, beside the model file.</summary>
    public const string FileName = "serve-from";

    /// <summary>Longest file, bytes.</summary>
    public const int LengthMax = 64;

    private static readonly string[] Forms = ["yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:sszzz"];

    /// <summary>Reads a version's folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">As <see cref="ModelVersion.ServesFrom"/>.</param>
    /// <returns>False when the file holds something else or cannot be read: such a version is not to be served.</returns>
    public static bool TryRead(string folder, out DateTimeOffset time)
    {
        var path = Path.Combine(folder, FileName);
        time = DateTimeOffset.MinValue;
        try
        {
            return !File.Exists(path) || TryParse(File.OpenHandle(path), out time);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool TryParse(SafeFileHandle file, out DateTimeOffset time)
    {
        using (file)
        {
            Span<byte> buffer = stackalloc byte[LengthMax + 1];
            var length = RandomAccess.Read(file, buffer, fileOffset: 0);
            var text = Encoding.UTF8.GetString(buffer[..length]).Trim();
            time = DateTimeOffset.MaxValue;
            return length <= LengthMax
                && (text.Length == 0 || DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time));
        }
    }
}
