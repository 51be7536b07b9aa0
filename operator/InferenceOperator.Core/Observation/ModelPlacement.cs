using System.Collections.Immutable;

namespace InferenceOperator.Core.Observation;

/// <summary>On what a model runs, as a replica says or replicas agree.</summary>
/// <param name="Provider">Execution provider as ONNX Runtime calls it.</param>
/// <param name="TimeShare">Share of its time on an accelerator, 0 to 1; null: it was not said.</param>
/// <param name="Variants">The same of each variant that is resident, by name; empty: it has one form.</param>
public sealed record ModelPlacement(string Provider, double? TimeShare, ImmutableSortedDictionary<string, ModelPlacement> Variants)
{
    /// <summary>ONNX Runtime's name of the CPU among its execution providers.</summary>
    public const string CpuProvider = "CPUExecutionProvider";

    /// <summary>A model of one form.</summary>
    public ModelPlacement(string provider, double? timeShare)
        : this(provider, timeShare, ImmutableSortedDictionary<string, ModelPlacement>.Empty)
    {
    }

    /// <summary>What replicas agree on: the provider and variants of all of them, and the least share; null: they differ, or there is none.</summary>
    public static ModelPlacement? Agreed(IReadOnlyCollection<ModelPlacement> said)
    {
        if (said.Select(static one => one.Provider).Distinct(StringComparer.Ordinal).Count() != 1)
        {
            return null;
        }

        var first = said.First();
        var variants = first.Variants.Keys.Select(name => (Name: name, All: said.Select(one => one.Variants.GetValueOrDefault(name)).OfType<ModelPlacement>().ToList()))
            .Where(variant => variant.All.Count == said.Count)
            .Select(static variant => KeyValuePair.Create(variant.Name, Agreed(variant.All)))
            .Where(static variant => variant.Value is not null);
        return new(
            first.Provider,
            said.Any(static one => one.TimeShare is null) ? null : said.Min(static one => one.TimeShare),
            variants.ToImmutableSortedDictionary(static variant => variant.Key, static variant => variant.Value!, StringComparer.Ordinal)); // Filtered just before.
    }
}
