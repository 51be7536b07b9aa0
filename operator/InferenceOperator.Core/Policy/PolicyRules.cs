using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Planning.Variants;
using InferenceOperator.Core.Resource;
using InferenceOperator.Core.Schema;

namespace InferenceOperator.Core.Policy;

/// <summary>Applies policies to an agent. Pure: what is declared is never changed, only what is planned for.</summary>
/// <remarks>
/// Where a bound has a value that can be planned for, that value counts (the strictest of all policies that select the agent); where there is none, such as for a model
/// source that is not allowed, the agent is refused as one with a fault in its spec is: what served before goes on.
/// </remarks>
public static class PolicyRules
{
    /// <param name="agent">As declared.</param>
    /// <param name="namespaceLabels">Labels of its namespace; null: none are known.</param>
    /// <param name="policies">All policies, in any order.</param>
    /// <param name="prices">What devices cost; null: all the same.</param>
    public static PolicyJudgement Judge(InferenceAgent agent, IReadOnlyDictionary<string, string>? namespaceLabels, IEnumerable<InferencePolicy> policies, GpuPrices? prices)
    {
        var selecting = policies.Where(policy => Selects(policy, agent, namespaceLabels))
            .OrderByDescending(static policy => policy.Spec.Precedence)
            .ThenBy(static policy => policy.Metadata.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        if (selecting.IsEmpty)
        {
            return new(agent, []);
        }

        var work = new Work(agent.Spec);
        work.DefaultSlo(selecting);
        work.BoundSlo(selecting);
        work.BoundPriority(selecting);
        work.BoundReplicas(selecting, prices ?? GpuPrices.AllEqual);
        work.BoundAccuracy(selecting);
        work.Refuse(selecting);
        var judged = agent with { Spec = work.Spec, Policies = [.. work.Effects] };
        if (work.Refusals.Count == 0 && work.Effects.Count > 0 && AgentManifest.Read(AgentManifest.Write(judged)) is ManifestReading.Rejected rejected)
        {
            // Fields that go together: a variant, for example, that was as accurate as its own agent asked.
            var names = string.Join(", ", work.Effects.Select(static effect => effect.Policy).Distinct(StringComparer.Ordinal));
            work.Refusals.AddRange(rejected.Errors.Select(error => error with { Message = $"{error.Message} (with what {names} asks)" }));
        }

        return work.Refusals.Count > 0 ? new(agent, [.. work.Refusals]) : new(judged, []);
    }

    /// <summary>Whether a policy is about an agent.</summary>
    public static bool Selects(InferencePolicy policy, InferenceAgent agent, IReadOnlyDictionary<string, string>? namespaceLabels) =>
        policy.Spec.Namespaces?.Selects(namespaceLabels) != false && policy.Spec.Agents?.Selects(agent.Metadata.Labels) != false;

    /// <summary>The spec on its way from declared to effective.</summary>
    private sealed class Work(AgentSpec declared)
    {
        public AgentSpec Spec { get; private set; } = declared;

        public List<PolicyEffect> Effects { get; } = [];

        public List<FieldError> Refusals { get; } = [];

        public void DefaultSlo(ImmutableArray<InferencePolicy> policies)
        {
            if (Spec.Slo is null && policies.FirstOrDefault(static p => p.Spec.Defaults?.Slo is not null) is { Spec.Defaults.Slo: { } slo } policy)
            {
                Spec = Spec with { Slo = slo };
                Note("spec.slo", null, $"p{slo.Latency.Percentile} <= {slo.Latency.Target}, priority {Text(slo.Priority)}", policy);
            }
        }

        public void BoundSlo(ImmutableArray<InferencePolicy> policies)
        {
            if (Spec.Slo is not { } slo)
            {
                if (policies.FirstOrDefault(static p => p.Spec.Slo is { Required: true }) is { } policy)
                {
                    Refusals.Add(new("spec.slo", $"has to be declared: policy {policy.Metadata.Name} asks for it"));
                }

                return;
            }

            var strictest = policies.Where(static p => p.Spec.Slo?.TargetAtMost is not null).MinBy(static p => p.Spec.Slo!.TargetAtMost); // Filtered just before.
            if (strictest?.Spec.Slo?.TargetAtMost is { } target && target < slo.Latency.Target)
            {
                Note("spec.slo.latency.target", slo.Latency.Target.ToString(), target.ToString(), strictest);
                slo = slo with { Latency = slo.Latency with { Target = target } };
            }

            var highest = policies.Where(static p => p.Spec.Slo?.PercentileAtLeast is not null).MaxBy(static p => Number(p.Spec.Slo!.PercentileAtLeast!)); // Filtered just before.
            if (highest?.Spec.Slo?.PercentileAtLeast is { } percentile && Number(percentile) > Number(slo.Latency.Percentile))
            {
                Note("spec.slo.latency.percentile", slo.Latency.Percentile, percentile, highest);
                slo = slo with { Latency = slo.Latency with { Percentile = percentile } };
            }

            Spec = Spec with { Slo = slo };
        }

        public void BoundPriority(ImmutableArray<InferencePolicy> policies)
        {
            if (Spec.Slo is not { } slo)
            {
                return;
            }

            // A lower bound first: where two policies contradict each other, the one that gives less wins.
            var least = policies.Where(static p => p.Spec.Priority?.AtLeast is not null).MaxBy(static p => p.Spec.Priority!.AtLeast); // Filtered just before.
            var most = policies.Where(static p => p.Spec.Priority?.AtMost is not null).MinBy(static p => p.Spec.Priority!.AtMost); // Filtered just before.
            var (priority, by) = least?.Spec.Priority?.AtLeast is { } low && slo.Priority < low ? (low, least) : (slo.Priority, null);
            (priority, by) = most?.Spec.Priority?.AtMost is { } high && priority > high ? (high, most) : (priority, by);
            if (by is not null && priority != slo.Priority)
            {
                Note("spec.slo.priority", Text(slo.Priority), Text(priority), by);
                Spec = Spec with { Slo = slo with { Priority = priority } };
            }
        }

        public void BoundReplicas(ImmutableArray<InferencePolicy> policies, GpuPrices prices)
        {
            var price = prices.PerReplicaHour(Spec.Gpu);
            var (most, by) = policies
                .Where(static p => p.Spec.Ceilings is not null)
                .Select(p => (Most: Most(p.Spec.Ceilings!, Spec.Gpu, price), Policy: p)) // Filtered just before.
                .DefaultIfEmpty((Most: int.MaxValue, Policy: policies[0]))
                .MinBy(static bound => bound.Most);
            var scaling = Spec.Scaling;
            if (most == 0 && (scaling.Replicas ?? scaling.MaxReplicas) > 0)
            {
                Refusals.Add(new("spec.gpu", $"a single replica is beyond the ceiling of policy {by.Metadata.Name}"));
                return;
            }

            if (scaling.MaxReplicas > most)
            {
                Note("spec.scaling.maxReplicas", Text(scaling.MaxReplicas), Text(most), by);
                scaling = scaling with { MaxReplicas = most };
            }

            if (scaling.MinReplicas > most)
            {
                Note("spec.scaling.minReplicas", Text(scaling.MinReplicas), Text(most), by);
                scaling = scaling with { MinReplicas = most };
            }

            if (scaling.Replicas > most)
            {
                Note("spec.scaling.replicas", Text(scaling.Replicas.Value), Text(most), by);
                scaling = scaling with { Replicas = most };
            }

            Spec = Spec with { Scaling = scaling };
        }

        public void BoundAccuracy(ImmutableArray<InferencePolicy> policies)
        {
            var highest = policies.Where(static p => p.Spec.AccuracyFloor is not null).MaxBy(static p => p.Spec.AccuracyFloor);
            if (highest?.Spec is { MinAccuracy: { } floor, AccuracyFloor: { } number }
                && (Spec.Quantization.MinAccuracy is not { } own || Number(own) < number)
                // Without variants the model answers alone, which is as accurate as itself.
                && Spec.Variants is { Count: > 0 })
            {
                Note("spec.quantization.minAccuracy", Spec.Quantization.MinAccuracy, floor, highest);
                Spec = Spec with { Quantization = Spec.Quantization with { MinAccuracy = floor } };
            }
        }

        public void Refuse(ImmutableArray<InferencePolicy> policies)
        {
            foreach (var policy in policies)
            {
                if (policy.Spec.Allowed?.GpuResources is { } resources && Spec.Gpu.Count > 0 && !resources.Contains(Spec.Gpu.Resource, StringComparer.Ordinal))
                {
                    Refusals.Add(new("spec.gpu.resource", $"'{Spec.Gpu.Resource}' is none of those that policy {policy.Metadata.Name} allows: {List(resources)}"));
                }

                if (policy.Spec.Allowed?.ModelSources is { } sources)
                {
                    var models = (Spec.Variants ?? []).Select(static (variant, i) => (Field: $"spec.variants[{i}].model.uri", variant.Model.Uri)).Prepend((Field: "spec.model.uri", Spec.Model.Uri));
                    Refusals.AddRange(models
                        .Where(model => !sources.Any(source => model.Uri.StartsWith(source, StringComparison.Ordinal)))
                        .Select(model => new FieldError(model.Field, $"'{model.Uri}' is not from a source that policy {policy.Metadata.Name} allows: {List(sources)}")));
                }
            }
        }

        private static int Most(PolicyCeilings ceilings, GpuSpec gpu, double price)
        {
            var byGpus = ceilings.Gpus is { } gpus && gpu.Count > 0 ? gpus / gpu.Count : int.MaxValue;
            // A hair is given, so that ten tenths make one.
            var byCost = ceilings.HourlyCost is { } cost && price > 0 ? Math.Floor((cost / price) + 1e-9) : int.MaxValue;
            return (int)Math.Min(Math.Min(ceilings.Replicas ?? int.MaxValue, byGpus), byCost);
        }

        private static string List(IReadOnlyList<string> allowed) => allowed.Count == 0 ? "none" : string.Join(", ", allowed);

        private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        private static decimal Number(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);

        private void Note(string field, string? before, string after, InferencePolicy policy) =>
            Effects.Add(new() { Field = field, Declared = before, Effective = after, Policy = policy.Metadata.Name });
    }
}
