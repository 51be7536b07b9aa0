using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Tests.Estimation;

public sealed class VariantFitsTests
{
    [Fact]
    public void Each_variant_is_learned_from_its_own_executions_and_the_rest_is_left()
    {
        var fits = new VariantFits();
        fits.Take(["student"]);
        for (var rows = 1; rows <= 16; rows++)
        {
            var (slow, fast, other) = (Executions(50, rows, 0.006 + (0.0005 * rows)), Executions(50, rows, 0.003 + (0.00025 * rows)), Executions(10, rows, 0.001));
            var rest = fits.Learn(slow + fast + other, new Dictionary<string, ExecutionSums> { ["full"] = slow, ["student"] = fast, ["declared"] = other }, 16);
            Assert.Equal((slow + other).Count, rest.Count);
            Assert.Equal((slow + other).RowsSeconds, rest.RowsSeconds, 9);
        }

        var known = fits.Of("student")!.Known!;
        Assert.Equal(0.003 + (0.00025 * 10), known.Mean(10), 6);
        Assert.Null(fits.Of("declared"));
    }

    [Fact]
    public void A_variant_that_may_no_longer_be_chosen_is_forgotten()
    {
        var fits = new VariantFits();
        fits.Take(["student"]);
        fits.Learn(Executions(50, 4, 0.01), new Dictionary<string, ExecutionSums> { ["student"] = Executions(50, 4, 0.01) }, 4);
        Assert.NotNull(fits.Of("student")!.Known);

        fits.Take([]);
        Assert.Null(fits.Of("student"));
        fits.Take(["student"]);
        Assert.Null(fits.Of("student")!.Known);
    }

    private static ExecutionSums Executions(double count, double rows, double seconds) => new ExecutionSums(1, rows, rows * rows, seconds, rows * seconds, seconds * seconds) * count;
}
