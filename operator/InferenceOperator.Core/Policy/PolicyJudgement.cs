using System.Collections.Immutable;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>What policies make of an agent.</summary>
/// <param name="Agent">The agent as it counts, which is what is planned for, with what differs in its <see cref="InferenceAgent.Policies"/>. As declared where <paramref name="Refusals"/> are.</param>
/// <param name="Refusals">What no policy-abiding plan can be made of; empty: the agent is allowed. Each names the policy.</param>
public sealed record PolicyJudgement(InferenceAgent Agent, ImmutableArray<FieldError> Refusals);
