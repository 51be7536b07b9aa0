namespace ModelMaking.Clicks;

/// <summary>Functions by IEEE additions, multiplications and divisions alone, so that every machine gets the same bits.</summary>
internal static class ExactMath
{
    private const double Ln2 = 0.693147180559945309417232121458;
    private const double ArgumentMax = 700;
    private const int Terms = 14;

    /// <summary>e to the <paramref name="x"/>, to about 1e-15 relative; arguments beyond ±700 count as ±700.</summary>
    public static double Exp(double x)
    {
        x = Math.Clamp(x, -ArgumentMax, ArgumentMax);
        var k = Math.Floor((x / Ln2) + 0.5);
        var r = x - (k * Ln2);
        var sum = 1.0;
        for (var i = Terms; i > 0; i--)
        {
            sum = 1 + (sum * r / i);
        }

        return sum * BitConverter.Int64BitsToDouble(((long)k + 1023) << 52);
    }

    public static double Sigmoid(double x) => 1 / (1 + Exp(-x));
}
