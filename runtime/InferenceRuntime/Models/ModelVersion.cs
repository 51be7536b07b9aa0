using System.Globalization;

namespace InferenceRuntime.Models;

/// <summary>A version as it lies in a repository's folder.</summary>
/// <param name="Number">At least 1.</param>
/// <param name="Path">Of its model file, without links.</param>
internal sealed record ModelVersion(ulong Number, string Path)
{
    /// <summary>When it may serve, by its <see cref="ServeFrom"/> file: the least value for at once, the greatest for not until the file says otherwise.</summary>
    public DateTimeOffset ServesFrom { get; init; } = DateTimeOffset.MinValue;

    /// <summary>As the protocol writes it.</summary>
    public string Text => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>For which time it is announced, fit for a client.</summary>
    public string Announcement => ServesFrom == DateTimeOffset.MaxValue
        ? "announced"
        : string.Create(CultureInfo.InvariantCulture, $"announced for {ServesFrom.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z");

    /// <summary>True when it may serve.</summary>
    public bool IsDue(DateTimeOffset now) => ServesFrom <= now;

    /// <summary>True when the other is these files, whatever time it is announced for.</summary>
    public bool IsSame(ModelVersion other) => Number == other.Number && Path == other.Path;

    /// <summary>The newest that may serve; null when none may.</summary>
    /// <param name="versions">The versions, the newest first.</param>
    /// <param name="now">The time.</param>
    public static ModelVersion? Newest(IEnumerable<ModelVersion> versions, DateTimeOffset now) => versions.FirstOrDefault(v => v.IsDue(now));

    /// <summary>The one that takes its place next; null when none is announced. One that is older than what may serve never does.</summary>
    /// <param name="versions">The versions, the newest first.</param>
    /// <param name="now">The time.</param>
    public static ModelVersion? Announced(IEnumerable<ModelVersion> versions, DateTimeOffset now) =>
        versions.TakeWhile(v => !v.IsDue(now)).MinBy(static v => v.ServesFrom);
}
