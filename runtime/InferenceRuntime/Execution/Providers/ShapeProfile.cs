using System.Globalization;
using InferenceRuntime.Contract;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx;

namespace InferenceRuntime.Execution.Providers;

/// <summary>The shapes that TensorRT builds engines for: from one row to the largest batch, and over the buckets of padded lengths.</summary>
/// <param name="Least">The smallest, <c>input:1x3x224x224,other:1x16</c>.</param>
/// <param name="Usual">Those that engines are tuned for.</param>
/// <param name="Most">The largest.</param>
internal sealed record ShapeProfile(string Least, string Usual, string Most)
{
    /// <summary>The batch limit moves while the model serves; a batch beyond the profile would have an engine built in a request.</summary>
    private const int RowsMin = 64;

    /// <summary>The profile of a model; null when none is needed, or a length varies for which no buckets are declared.</summary>
    public static ShapeProfile? Of(OnnxSummary summary, RuntimeSettings settings)
    {
        if (!summary.Inputs.Any(static input => input.Shape is not { } shape || shape.Any(static dimension => dimension.Length < 0)))
        {
            return null;
        }

        var rows = Math.Max(RowsMin, BatchSizes.RoundUp(settings.Batching.MaxSize));
        List<(string Least, string Usual, string Most)> inputs = [];
        foreach (var input in summary.Inputs)
        {
            if (input.Shape is not { } shape)
            {
                return null;
            }

            var lengths = shape.Select((dimension, axis) => Lengths(dimension, axis, input.Name, rows, settings)).ToList();
            if (lengths.Exists(static length => length is null))
            {
                return null;
            }

            inputs.Add((
                Text(input.Name, lengths.Select(static length => length!.Value.Least)), // All were just checked.
                Text(input.Name, lengths.Select(static length => length!.Value.Usual)),
                Text(input.Name, lengths.Select(static length => length!.Value.Most))));
        }

        return new(
            string.Join(',', inputs.Select(static input => input.Least)),
            string.Join(',', inputs.Select(static input => input.Usual)),
            string.Join(',', inputs.Select(static input => input.Most)));
    }

    private static (long Least, long Usual, long Most)? Lengths(OnnxDimension dimension, int axis, string input, int rows, RuntimeSettings settings)
    {
        if (dimension.Length >= 0)
        {
            return (dimension.Length, dimension.Length, dimension.Length);
        }

        if (axis == 0)
        {
            return (1, settings.Batching.MaxSize, rows);
        }

        return settings.Padding?.GetValueOrDefault(input) is { } padding && padding.Axis == axis
            ? (padding.Buckets[0], padding.Buckets[padding.Buckets.Count / 2], padding.Buckets[^1])
            : null;
    }

    private static string Text(string input, IEnumerable<long> lengths) =>
        $"{input}:{string.Join('x', lengths.Select(static length => length.ToString(CultureInfo.InvariantCulture)))}";
}
