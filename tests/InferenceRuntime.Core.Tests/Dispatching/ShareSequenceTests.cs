using InferenceRuntime.Core.Dispatching;

namespace InferenceRuntime.Core.Tests.Dispatching;

public sealed class ShareSequenceTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Each_has_its_share_at_every_moment_and_over_every_window(int seed)
    {
        const int Turns = 600;
        var random = new Random(seed);
        var takers = 2 + random.Next(5);
        var shares = Enumerable.Range(0, takers).Select(i => i > 1 && random.Next(4) == 0 ? 0 : random.NextDouble() + 0.001).ToArray();
        var positive = shares.Count(share => share > 0);
        var bound = 1 - (1d / ((2 * positive) - 2)) + 1e-9;
        var sequence = new ShareSequence(shares);
        var had = new int[Turns + 1, takers];
        for (var n = 1; n <= Turns; n++)
        {
            var taker = sequence.Next();
            for (var i = 0; i < takers; i++)
            {
                had[n, i] = had[n - 1, i] + (i == taker ? 1 : 0);
                var share = shares[i] / shares.Sum();
                Assert.True(Math.Abs(had[n, i] - (share * n)) <= bound, $"seed {seed}, turn {n}, taker {i}");
            }
        }

        for (var from = 0; from < Turns; from += 7)
        {
            for (var to = from + 1; to <= Turns; to += 5)
            {
                for (var i = 0; i < takers; i++)
                {
                    var error = Math.Abs(had[to, i] - had[from, i] - (shares[i] / shares.Sum() * (to - from)));
                    Assert.True(error <= (positive == 2 ? 1 : 2) + 1e-9, $"seed {seed}, turns {from} to {to}, taker {i}: {error}");
                }
            }
        }
    }

    [Fact]
    public void Three_quarters_are_three_of_four()
    {
        var sequence = new ShareSequence([3, 1]);

        var turns = Enumerable.Range(0, 8).Select(_ => sequence.Next()).ToArray();

        Assert.Equal([3, 3], turns.Chunk(4).Select(four => four.Count(turn => turn == 0)));
    }

    [Fact]
    public void A_share_of_zero_never_has_a_turn_and_one_taker_has_all()
    {
        var sequence = new ShareSequence([0, 5, 0]);

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(1, sequence.Next()));
    }

    [Fact]
    public void Shares_stay_exact_after_many_turns()
    {
        var sequence = new ShareSequence([0.1, 0.2, 0.7]);
        var had = new int[3];
        for (var n = 0; n < 1_000_000; n++)
        {
            had[sequence.Next()]++;
        }

        Assert.Equal([100_000, 200_000, 700_000], had);
    }

    [Theory]
    [InlineData(new double[0])]
    [InlineData(new double[] { 0, 0 })]
    [InlineData(new double[] { 1, -1 })]
    [InlineData(new double[] { double.NaN })]
    [InlineData(new double[] { double.PositiveInfinity })]
    public void Shares_that_mean_nothing_are_refused(double[] shares) => Assert.Throws<ArgumentException>(() => new ShareSequence(shares));
}
