using System.Collections.Immutable;
using InferenceOperator.Control;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Local;

/// <summary>What the local mode shows of one agent.</summary>
/// <param name="Agent">The version that is served; null when no version was ever good.</param>
/// <param name="Report">The last control step; null before the first.</param>
/// <param name="Errors">Why the manifest's present version is not taken; empty when it is.</param>
/// <param name="Key"><c>namespace/name</c>.</param>
internal sealed record AgentView(string Key, InferenceAgent? Agent, AgentReport? Report, ImmutableArray<FieldError> Errors);
