using System.Collections.Immutable;
using System.Numerics;

namespace InferenceRuntime.Core.Statistics;

/// <summary>Times of executions by their rows: each size up to 64 by itself, beyond by powers of two, 81 entries in all. Not thread safe.</summary>
public sealed class BatchSizeTable
{
    /// <summary>Sizes up to this one are kept apart.</summary>
    public const int ExactMax = 64;

    // The last range ends at 2^23; what is above counts there.
    private const int Ranges = 17;

    private static readonly int ExactBits = BitOperations.Log2(ExactMax);

    private readonly DurationSum[] _input = new DurationSum[ExactMax + Ranges];
    private readonly DurationSum[] _infer = new DurationSum[ExactMax + Ranges];
    private readonly DurationSum[] _output = new DurationSum[ExactMax + Ranges];

    /// <summary>Adds one execution of <paramref name="rows"/> rows, at least 1.</summary>
    public void Add(int rows, in ExecutionTimes times)
    {
        var i = IndexOf(rows);
        _input[i] = _input[i].Plus(1, times.Input);
        _infer[i] = _infer[i].Plus(1, times.Infer);
        _output[i] = _output[i].Plus(1, times.Output);
    }

    /// <summary>The sizes that occurred, ascending.</summary>
    public ImmutableArray<BatchSizeStatistics> Read()
    {
        var sizes = ImmutableArray.CreateBuilder<BatchSizeStatistics>();
        for (var i = 0; i < _infer.Length; i++)
        {
            if (_infer[i].Count > 0)
            {
                sizes.Add(new BatchSizeStatistics(RowsOf(i), _input[i], _infer[i], _output[i]));
            }
        }

        return sizes.ToImmutable();
    }

    private static int IndexOf(int rows) => rows <= ExactMax
        ? rows - 1
        : Math.Min(ExactMax + BitOperations.Log2((uint)(rows - 1)) - ExactBits, ExactMax + Ranges - 1);

    private static int RowsOf(int index) => index < ExactMax ? index + 1 : 1 << (ExactBits + 1 + index - ExactMax);
}
