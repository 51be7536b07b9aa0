using System.Security.Cryptography;

namespace InferenceRuntime.Settings;

/// <summary>Follows the settings file: what it says comes in force when its content changes.</summary>
/// <remarks>
/// The content is compared, not the time of change: a ConfigMap is mounted through symbolic links that are swapped.
/// What <c>PUT /v1/settings</c> has set stays until the file says something new.
/// </remarks>
/// <param name="path">The file.</param>
/// <param name="initial">The content that is in force already.</param>
/// <param name="settings">Where changes go.</param>
/// <param name="clock">Paces the looks at the file.</param>
/// <param name="logger">Where a bad file is reported.</param>
internal sealed partial class SettingsFile(
    string path, byte[] initial, SettingsInForce settings, TimeProvider clock, ILogger<SettingsFile> logger)
{
    /// <summary>Time between looks at the file.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private byte[] _seen = SHA256.HashData(initial);

    /// <summary>Reads the content, bounded.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using (file.ConfigureAwait(false))
        {
            // One byte more than is legal shows that it is too long.
            var buffer = new byte[SettingsDocument.LengthMax + 1];
            var length = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return buffer[..length];
        }
    }

    /// <summary>Looks at the file until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await LookAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of watching.
        }
    }

    /// <summary>Looks once; a file that cannot be read or is bad changes nothing.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        byte[] content;
        try
        {
            content = await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(e.Message);
            return;
        }

        var hash = SHA256.HashData(content);
        if (hash.AsSpan().SequenceEqual(_seen))
        {
            return;
        }

        _seen = hash;
        switch (SettingsDocument.Read(content))
        {
            case SettingsReading.Accepted accepted:
                // Whom a roll-out compares with is told by the admin port alone.
                if (settings.Apply(accepted.Settings with { Shadow = accepted.Settings.Shadow ?? settings.Current.Shadow }, "the settings file") is { } objection)
                {
                    LogRejected(objection);
                }

                break;
            case SettingsReading.Rejected rejected:
                LogRejected(rejected.Reason);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings file cannot be read, the last good settings stay: {Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The settings file is refused, the last good settings stay: {Reason}")]
    private partial void LogRejected(string reason);
}
