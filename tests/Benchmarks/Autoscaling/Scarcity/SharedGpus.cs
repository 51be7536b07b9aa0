namespace InferenceOperator.Benchmarks.Autoscaling.Scarcity;

/// <summary>Several agents on one pool of GPUs, from begin to end. Equal arguments give equal results.</summary>
internal static class SharedGpus
{
    /// <summary>Between two control steps, seconds.</summary>
    private const double Tick = 5;

    /// <summary>Time over which utility is taken, seconds.</summary>
    private const double Minute = 60;

    /// <summary>Left out at the begin: nothing is known of the models yet, seconds.</summary>
    private const double WarmUp = 600;

    /// <summary>Most replicas of one agent by its manifest.</summary>
    private const int Most = 100;

    public static SharedResult Run(IReadOnlyList<SharedModel> models, DivisionRule rule, int gpus)
    {
        var divider = new Divider(rule, gpus, models.Count);
        var agents = models.Select((model, i) => new SharedAgent(model, divider, seed: (ulong)(i + 1), Tick, Most)).ToList();
        var (lost, attainment, moves, wanted, paid) = (new double[agents.Count], new double[agents.Count], 0, new List<int>(), 0.0);
        var (minutes, end) = (0, models.Min(static m => m.Profile.Seconds));
        for (var step = 1; step * Tick <= end; step++)
        {
            var now = step * Tick;
            foreach (var agent in agents)
            {
                var before = agent.Replicas;
                agent.StepTo(now);
                moves += now > WarmUp && agent.Replicas != before ? 1 : 0;
            }

            if (now > WarmUp)
            {
                wanted.Add(divider.Wanted.Values.Sum());
            }

            if (Math.Abs(Math.IEEERemainder(now, Minute)) > 1e-6)
            {
                continue;
            }

            var looks = agents.Select(static a => a.Look()).ToList();
            if (now <= WarmUp)
            {
                paid = agents.Sum(static a => a.PaidSeconds);
                continue;
            }

            minutes++;
            for (var i = 0; i < looks.Count; i++)
            {
                lost[i] += 1 - looks[i].Utility;
                attainment[i] += looks[i].Attainment;
            }
        }

        return new()
        {
            Rule = rule,
            Gpus = gpus,
            LostUtility = [.. lost.Select(l => l / minutes)],
            Attainment = [.. attainment.Select(a => a / minutes)],
            GpuHours = (agents.Sum(static a => a.PaidSeconds) - paid) / 3600,
            ScaleActionsPerHour = moves / ((end - WarmUp) / 3600),
            WantedPeak = wanted.Max(),
            WantedMean = wanted.Average(),
        };
    }
}
