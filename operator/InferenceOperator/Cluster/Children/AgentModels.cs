using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The models of an agent.</summary>
internal static class AgentModels
{
    /// <summary>The model itself, then its variants: the field that declares each, its name in the runtime, and what is declared.</summary>
    public static IEnumerable<(string Field, string Name, ModelSpec Model)> Of(AgentSpec spec) =>
        (spec.Variants ?? []).Select(static (variant, i) => ($"spec.variants[{i}].model", variant.Name, variant.Model)).Prepend(("spec.model", VariantShares.Full, spec.Model));

    /// <summary>Those that are fetched before they are served.</summary>
    public static IEnumerable<(string Field, string Name, ModelSpec Model)> Fetched(AgentSpec spec) =>
        Of(spec).Where(static model => ModelLocation.TryParse(model.Model.Uri, out var location, out _) && location.IsFetched);

    /// <summary>Those in container images.</summary>
    public static IEnumerable<(string Field, string Name, ModelSpec Model)> InImages(AgentSpec spec) =>
        Of(spec).Where(static model => ModelLocation.TryParse(model.Model.Uri, out var location, out _) && location is ModelLocation.ImageFile);
}
