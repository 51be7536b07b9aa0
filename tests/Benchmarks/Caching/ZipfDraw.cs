namespace InferenceOperator.Benchmarks.Caching;

/// <summary>Draws ranks whose probability falls with a power of the rank.</summary>
internal sealed class ZipfDraw
{
    private readonly double[] _cumulative;

    public ZipfDraw(int count, double exponent)
    {
        _cumulative = new double[count];
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            sum += Math.Pow(i + 1, -exponent);
            _cumulative[i] = sum;
        }
    }

    /// <summary>A rank from 0.</summary>
    public int Next(Random random)
    {
        var place = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(place < 0 ? ~place : place, _cumulative.Length - 1);
    }
}
