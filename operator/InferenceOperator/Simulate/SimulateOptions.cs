using System.Collections.Immutable;
using InferenceOperator.Core.Simulation.Runs;

namespace InferenceOperator.Simulate;

/// <summary>What the command <c>simulate</c> was asked for, checked.</summary>
internal sealed record SimulateOptions
{
    public required Scenario Scenario { get; init; }

    /// <summary>Names of the catalog, percentages included; at least one, each once.</summary>
    public required ImmutableArray<string> Policies { get; init; }

    /// <summary>At least one.</summary>
    public required ImmutableArray<ulong> Seeds { get; init; }

    /// <summary>One line that says what is simulated.</summary>
    public required string Title { get; init; }

    /// <summary>File of a row for each policy and seed; null: none.</summary>
    public string? CsvPath { get; init; }

    /// <summary>File of the first seed's series; null: none.</summary>
    public string? SeriesPath { get; init; }

    /// <summary>File of the report; null: none.</summary>
    public string? ReportPath { get; init; }

    /// <summary>Runs at the same time, at least 1.</summary>
    public required int Jobs { get; init; }
}
