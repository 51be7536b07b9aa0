using System.Globalization;

namespace InferenceRuntime.Execution.Processors;

/// <summary>How many whole processors this process may keep busy.</summary>
/// <param name="Processors">At least 1; a share of a processor is rounded down, so that threads are not throttled.</param>
/// <param name="IsThrottled">True when a control group's quota, not the set of processors, is the bound.</param>
internal readonly record struct CpuQuota(int Processors, bool IsThrottled)
{
    private const int CgroupFileBytesMax = 64 * 1024;

    /// <summary>Reads the quota of this process: its affinity and every control group above it, version 1 or 2.</summary>
    /// <remarks>Files that are not there, or not readable, set no bound.</remarks>
    public static CpuQuota Read() =>
        // ProcessorCount honours the affinity; where a control group bounds it too, that bound was rounded up.
        Of(Environment.ProcessorCount, TightestGroup("/proc/self/cgroup", "/sys/fs/cgroup"));

    /// <summary>The quota that both bounds leave.</summary>
    /// <param name="affinity">Processors that the scheduler may use, at least 1.</param>
    /// <param name="group">Processors that the control groups allow, may be a fraction; null for no bound.</param>
    internal static CpuQuota Of(int affinity, double? group)
    {
        if (group is not { } allowed || allowed >= affinity)
        {
            // A group that allows exactly what the affinity allows still throttles other threads of the process.
            return new CpuQuota(affinity, group is not null && group.Value <= affinity);
        }

        return new CpuQuota(Math.Max(1, (int)Math.Floor(allowed)), IsThrottled: true);
    }

    /// <summary>The smallest quota on the way from the process's group up to the root of the file system <paramref name="root"/>.</summary>
    internal static double? TightestGroup(string membershipFile, string root)
    {
        double? tightest = null;
        foreach (var line in (ReadText(membershipFile) ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // "hierarchy:controllers:path", version 2 with an empty list of controllers.
            var parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            var isVersion2 = parts[1].Length == 0;
            if (!isVersion2 && !parts[1].Split(',').Contains("cpu"))
            {
                continue;
            }

            string[] roots = isVersion2 ? [root] : [Path.Combine(root, "cpu"), Path.Combine(root, "cpu,cpuacct"), Path.Combine(root, parts[1])];
            foreach (var hierarchy in roots)
            {
                tightest = Tighter(tightest, TightestUpwards(hierarchy, parts[2].Trim(), isVersion2));
            }
        }

        return tightest;
    }

    /// <summary>Processors from the text of <c>cpu.max</c>: "quota period" in microseconds; null for <c>max</c> or other text.</summary>
    internal static double? ParseMax(string text)
    {
        var words = text.Split(' ', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 ? Ratio(words[0], words[1]) : null;
    }

    /// <summary>Processors from <c>cpu.cfs_quota_us</c> and <c>cpu.cfs_period_us</c>; null when the quota is −1 or no number.</summary>
    internal static double? Ratio(string quota, string period) =>
        long.TryParse(quota, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var allowed)
        && long.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
        && allowed > 0 && length > 0
            ? (double)allowed / length
            : null;

    private static double? TightestUpwards(string hierarchy, string path, bool isVersion2)
    {
        double? tightest = null;

        // In a container the path may be that of the host: then only the root of the mounted hierarchy is there.
        for (var group = path.Trim('/'); ; group = group[..Math.Max(0, group.LastIndexOf('/'))])
        {
            var folder = Path.Combine(hierarchy, group);
            var quota = isVersion2
                ? ParseMax(ReadText(Path.Combine(folder, "cpu.max")) ?? string.Empty)
                : Ratio(
                    (ReadText(Path.Combine(folder, "cpu.cfs_quota_us")) ?? string.Empty).Trim(),
                    (ReadText(Path.Combine(folder, "cpu.cfs_period_us")) ?? string.Empty).Trim());
            tightest = Tighter(tightest, quota);
            if (group.Length == 0)
            {
                return tightest;
            }
        }
    }

    private static double? Tighter(double? one, double? other) =>
        one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);

    private static string? ReadText(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var buffer = new byte[CgroupFileBytesMax];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
