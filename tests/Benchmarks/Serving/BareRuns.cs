using System.Globalization;
using InferenceOperator.Benchmarks.Processes;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>Runs of <see cref="BareLoop"/> on the server's core.</summary>
internal static class BareRuns
{
    /// <summary>The loop at one batch size.</summary>
    public static async Task<BareRate> RateAsync(ServedModel model, int rows, TimeSpan length, CancellationToken cancellationToken)
    {
        using var loop = PinnedProcess.Start(
            PinnedServer.ServerCore,
            Environment.ProcessPath!,
            "bare-loop", "--model", model.File, "--rows", rows.ToString(CultureInfo.InvariantCulture),
            "--seconds", length.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        return BareRate.Parse(await loop.CompletedAsync(cancellationToken));
    }

    /// <summary>The batch size among the model's buckets at which the loop is fastest, up to <paramref name="rowsMax"/>.</summary>
    public static async Task<int> BestBucketAsync(ServedModel model, int rowsMax, TimeSpan length, CancellationToken cancellationToken)
    {
        var best = (Bucket: 0, Rate: 0.0);
        foreach (var bucket in model.Buckets.Where(bucket => bucket <= rowsMax))
        {
            var rate = (await RateAsync(model, bucket, length, cancellationToken)).RowsPerSecond;
            best = rate > best.Rate ? (bucket, rate) : best;
        }

        return best.Bucket;
    }
}
