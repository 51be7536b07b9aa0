using System.Numerics;

namespace InferenceRuntime.Execution.Sessions;

/// <summary>The batch sizes that are bound and run; see docs/decisions/0004.</summary>
internal static class BatchSizes
{
    /// <summary>Sizes up to this one are run exactly.</summary>
    public const int ExactMax = 64;

    // Above ExactMax every power of two is divided into this many steps: at most 1/32 of the rows is padding.
    private const int StepsPerDoubling = 32;

    /// <summary>The smallest size that is run and holds <paramref name="rows"/> rows.</summary>
    public static int RoundUp(int rows)
    {
        if (rows <= ExactMax)
        {
            return rows;
        }

        var below = 1 << BitOperations.Log2((uint)(rows - 1));
        var step = below / StepsPerDoubling;
        var rounded = ((long)rows + step - 1) / step * step;
        return rounded > int.MaxValue ? rows : (int)rounded;
    }
}
