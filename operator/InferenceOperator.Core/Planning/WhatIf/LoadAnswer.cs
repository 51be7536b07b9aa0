using System.Collections.Immutable;

namespace InferenceOperator.Core.Planning.WhatIf;

/// <summary>What a load takes.</summary>
/// <param name="Verdict">Whether the SLO can be held at all.</param>
/// <param name="Options">The model itself first, then the variants that are accurate enough; each by batch limit, ascending.</param>
/// <param name="Chosen">The one of them to which the operator comes.</param>
/// <param name="Reasons">What it says on the way there, in order.</param>
public sealed record LoadAnswer(SloVerdict Verdict, ImmutableArray<LoadOption> Options, LoadOption Chosen, ImmutableArray<string> Reasons);
