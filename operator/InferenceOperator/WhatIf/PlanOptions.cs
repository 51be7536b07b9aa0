using System.Collections.Immutable;
using InferenceOperator.Core.Planning.WhatIf;

namespace InferenceOperator.WhatIf;

/// <summary>What the command <c>plan</c> was asked, checked.</summary>
/// <param name="Question">All but the rate.</param>
/// <param name="Rates">Requests per second; at least one.</param>
/// <param name="GpusPerReplica">0: it runs on the CPU, and the price is that of a replica.</param>
/// <param name="PricePerHour">Of one GPU; null: nobody asked.</param>
internal sealed record PlanOptions(LoadQuestion Question, ImmutableArray<double> Rates, int GpusPerReplica, double? PricePerHour);
