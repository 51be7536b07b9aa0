using InferenceOperator.Core.Estimation;

namespace InferenceOperator.Core.Planning;

/// <summary>Capacity and latency of one replica by batch limit; kept until the service time moves beyond its own uncertainty, by 2 % at least.</summary>
/// <remarks>One owner; not thread safe. Equal anchors and equal calls give equal results, whatever the memo holds.</remarks>
/// <param name="anchors">What was found before.</param>
/// <param name="memo">Saves finding it again.</param>
internal sealed class CapacityTable(CapacityAnchors anchors, CapacityMemo memo)
{
    /// <summary>Latencies are found on a grid of the rate, in these steps.</summary>
    private const double RateStep = 0.02;

    private ServiceTime? _service;

    /// <summary>A table that nothing was found for yet.</summary>
    public CapacityTable()
        : this(CapacityAnchors.None, new CapacityMemo())
    {
    }

    /// <summary>What its capacities are found with by now.</summary>
    public CapacityAnchors Anchors { get; private set; } = anchors;

    /// <summary>Sets what the table rests on.</summary>
    /// <param name="service">The service time.</param>
    /// <param name="objective">What is planned for.</param>
    /// <param name="dispersion">Of requests per 100 ms; null: not known, Poisson is taken.</param>
    /// <param name="rowsPerRequest">At least 1.</param>
    public void Rest(ServiceTime service, Objective objective, double? dispersion, double rowsPerRequest)
    {
        _service = service;
        Anchors = Anchors.At(service, objective, dispersion, rowsPerRequest);
    }

    /// <summary>Rows per second that a replica carries within the objective, guard taken off; above 0.</summary>
    public double Capacity(int maxBatch)
    {
        var anchor = At(maxBatch);
        return memo.Capacity(Anchors.Objective!, Anchors.Dispersion, Anchors.RowsPerRequest, anchor);
    }

    /// <summary>Latency at the objective's share when a replica gets so many rows per second, rounded up by at most 2 %, overhead included; null: it cannot keep up.</summary>
    public double? Latency(int maxBatch, double rowsPerSecond)
    {
        var anchor = At(maxBatch);
        var step = (int)Math.Ceiling(Math.Log(Math.Max(rowsPerSecond, 1e-3)) / Math.Log(1 + RateStep));
        return memo.Latency(Anchors.Objective!, Anchors.Dispersion, Anchors.RowsPerRequest, anchor, Math.Pow(1 + RateStep, step)) + Anchors.Objective!.OverheadSeconds;
    }

    private CapacityAnchor At(int maxBatch)
    {
        if (_service is null)
        {
            throw new InvalidOperationException("the table rests on nothing yet");
        }

        foreach (var known in Anchors.Limits)
        {
            if (known.MaxBatch == maxBatch)
            {
                return known;
            }
        }

        var anchor = new CapacityAnchor(maxBatch, _service);
        Anchors = Anchors.With(anchor);
        return anchor;
    }
}
