using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Rollout;
using Xunit.Abstractions;
using static InferenceOperator.Core.Tests.Rollout.RolloutRig;

namespace InferenceOperator.Core.Tests.Rollout;

/// <summary>Whatever happens: never more than two sides, no capacity given away, and an end once things calm down. The rig checks after every look.</summary>
public sealed class RolloutPropertyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(100)]
    [InlineData(200)]
    [InlineData(300)]
    [InlineData(400)]
    public void Random_manifests_crashes_restarts_and_gaps_end_in_one_revision_that_serves(int first)
    {
        for (var seed = first; seed < first + 20; seed++)
        {
            output.WriteLine($"seed {seed}");
            var random = new Random(seed);
            var rig = new RolloutRig(random.Next(1, 9));
            var worse = random.Next(4) == 0 ? B : default;
            var broken = random.Next(4) == 0 ? C : default;
            var (metrics, gap) = (true, 0.0);
            rig.Missed = revision => revision == worse ? 0.3 : 0.004;
            rig.StartUp = revision => revision == broken ? double.PositiveInfinity : 20;
            rig.Rules = rig.Rules with { WhenInconclusive = (InconclusiveRollout)random.Next(3) };
            rig.Rate = random.Next(3) == 0 ? 0.02 : 10;
            for (var i = 0; i < 400; i++)
            {
                switch (random.Next(14))
                {
                    case 0:
                        rig.Wanted = new[] { A, B, C, rig.Wanted ?? A }[random.Next(4)];
                        break;
                    case 1:
                        rig.Replicas = rig.Replicas + random.Next(-2, 3) is var n && n > 0 ? Math.Min(n, 12) : 1;
                        rig.Required = random.Next(3) == 0 ? null : Math.Max(1, rig.Replicas - random.Next(3));
                        break;
                    case 2 when rig.Live.Any():
                        rig.Kill(rig.Live.ElementAt(random.Next(rig.Live.Count())));
                        break;
                    case 3:
                        rig.Restart(isStale: random.Next(2) == 0);
                        break;
                    case 4:
                        (metrics, gap) = (false, rig.Now + random.Next(300));
                        break;
                    case 5:
                        rig.Places = random.Next(2) == 0 ? int.MaxValue : rig.Live.Count() + random.Next(3);
                        break;
                    default:
                        break;
                }

                metrics |= rig.Now > gap;
                rig.MetricsKnown = metrics;
                rig.Run(5 * random.Next(1, 12));
            }

            (rig.MetricsKnown, rig.Rate, rig.Places) = (true, 10, int.MaxValue);
            rig.Run(4 * 3600);

            var stable = Assert.IsType<RolloutState.Stable>(rig.State);
            Assert.True(stable.Serving == rig.Wanted || stable.Last is { IsPromoted: false } last && last.To == rig.Wanted, $"seed {seed}: {stable}");
            Assert.Equal(rig.Replicas, rig.Live.Count());
            Assert.All(rig.Live, r => Assert.Equal(stable.Serving, r.Revision));
        }
    }
}
