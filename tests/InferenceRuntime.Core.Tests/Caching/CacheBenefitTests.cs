using InferenceRuntime.Core.Caching;

namespace InferenceRuntime.Core.Tests.Caching;

public sealed class CacheBenefitTests
{
    private readonly CacheBenefit _benefit = new();

    [Fact]
    public void While_hits_save_more_than_looking_costs_everybody_looks()
    {
        for (var i = 0; i < 10 * CacheBenefit.Window; i++)
        {
            Assert.True(_benefit.Admits((ulong)i));
            Assert.False(_benefit.AddLookup(spent: 1, saved: i % 10 == 0 ? 11 : 0));
        }
    }

    [Fact]
    public void When_it_does_not_pay_it_says_so_once_and_few_look()
    {
        var stops = 0;
        for (var i = 0; i < CacheBenefit.Window; i++)
        {
            stops += _benefit.AddLookup(spent: 1, saved: i % 10 == 0 ? 9 : 0) ? 1 : 0;
        }

        Assert.Equal(1, stops);
        Assert.False(_benefit.IsPaying);

        var random = new Random(3);
        var looked = Look(100_000, () => (ulong)random.Next(), saved: 0);

        Assert.InRange(looked, 100_000 / (2 * CacheBenefit.KeysPerProbe), 100_000 / CacheBenefit.KeysPerProbe * 5 / 4);
    }

    [Fact]
    public void The_share_that_looks_is_bounded_also_when_all_requests_are_alike()
    {
        Fail();

        Assert.InRange(Look(16_000, static () => 0, saved: 0), 1, (16_000 / CacheBenefit.RequestsPerProbe) + 4);
    }

    [Fact]
    public void It_comes_back_when_the_probes_pay_and_waits_longer_after_each_failure()
    {
        Fail();
        var first = UntilItPays();
        Fail();
        var second = UntilItPays();

        Assert.Equal(2 * CacheBenefit.ProbeWindow, first);
        Assert.Equal(4 * CacheBenefit.ProbeWindow, second);
    }

    private void Fail()
    {
        for (var i = 0; i < CacheBenefit.Window; i++)
        {
            _benefit.AddLookup(1, 0);
        }

        Assert.False(_benefit.IsPaying);
    }

    private int UntilItPays()
    {
        var probes = 0;
        while (!_benefit.IsPaying)
        {
            _benefit.AddLookup(1, 2);
            probes++;
        }

        return probes;
    }

    private int Look(int requests, Func<ulong> sample, double saved)
    {
        var looked = 0;
        for (var i = 0; i < requests; i++)
        {
            if (_benefit.Admits(sample()))
            {
                looked++;
                _benefit.AddLookup(1, saved);
            }
        }

        return looked;
    }
}
