using System.Collections.Immutable;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.WhatIf;

/// <summary>A steady load, and what is to carry it.</summary>
public sealed record LoadQuestion
{
    /// <summary>s(b), taken as well known.</summary>
    public required ServiceTime Service { get; init; }

    /// <summary>Other forms of the model, resident beside it.</summary>
    public ImmutableArray<LoadVariant> Variants { get; init; } = [];

    /// <summary>Least accuracy of what answers; null: none.</summary>
    public double? AccuracyFloor { get; init; }

    /// <summary>Of an hour without any accuracy, in the unit of <see cref="ReplicaPrice"/>.</summary>
    public double AccuracyPrice { get; init; }

    /// <summary>Of one replica for an hour; null: nobody said.</summary>
    public double? ReplicaPrice { get; init; }

    /// <summary>At least 0.</summary>
    public required double RequestsPerSecond { get; init; }

    /// <summary>At least 1.</summary>
    public double RowsPerRequest { get; init; } = 1;

    /// <summary>Coefficient of variation of the times between requests; 1 is Poisson.</summary>
    public double Variation { get; init; } = 1;

    /// <summary>Null: no objective; replicas are then kept at 70 % of what they can do.</summary>
    public SloSpec? Slo { get; init; }

    /// <summary>Mean seconds of a request outside queue and execution.</summary>
    public double OverheadSeconds { get; init; }

    /// <summary>Most rows in one execution, at least 1.</summary>
    public int BatchMax { get; init; } = 64;

    /// <summary>At least 1.</summary>
    public int ReplicasMin { get; init; } = 1;

    /// <summary>At least <see cref="ReplicasMin"/>.</summary>
    public int ReplicasMax { get; init; } = 10;
}
