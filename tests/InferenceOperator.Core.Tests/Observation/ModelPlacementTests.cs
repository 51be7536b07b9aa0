using System.Collections.Immutable;
using InferenceOperator.Core.Observation;

namespace InferenceOperator.Core.Tests.Observation;

public sealed class ModelPlacementTests
{
    private const string Cuda = "CUDAExecutionProvider";

    [Fact]
    public void Replicas_agree_on_the_least_share_of_theirs() =>
        Assert.Equal((Cuda, 0.93), Said(ModelPlacement.Agreed([new(Cuda, 0.98), new(Cuda, 0.93), new(Cuda, 1)])));

    [Fact]
    public void A_share_that_one_does_not_say_is_not_known_of_all() => Assert.Equal((Cuda, null), Said(ModelPlacement.Agreed([new(Cuda, 0.98), new(Cuda, null)])));

    [Fact]
    public void Replicas_on_different_providers_agree_on_nothing_and_none_say_nothing()
    {
        Assert.Null(ModelPlacement.Agreed([new(Cuda, 0.98), new(ModelPlacement.CpuProvider, 0)]));
        Assert.Null(ModelPlacement.Agreed([]));
    }

    [Fact]
    public void Of_variants_those_count_that_all_have_and_run_alike()
    {
        var one = Of(("full", new(Cuda, 0.9)), ("small", new(Cuda, 0.8)), ("new", new(Cuda, 1)));
        var other = Of(("full", new(Cuda, 0.7)), ("small", new(ModelPlacement.CpuProvider, 0)));

        var agreed = ModelPlacement.Agreed([one, other])!; // Of one provider.

        Assert.Equal("full", Assert.Single(agreed.Variants).Key);
        Assert.Equal((Cuda, 0.7), Said(agreed.Variants["full"]));
    }

    private static ModelPlacement Of(params (string Name, ModelPlacement Placement)[] variants) =>
        new(Cuda, 0.9, variants.ToImmutableSortedDictionary(static variant => variant.Name, static variant => variant.Placement, StringComparer.Ordinal));

    private static (string?, double?) Said(ModelPlacement? placement) => (placement?.Provider, placement?.TimeShare);
}
