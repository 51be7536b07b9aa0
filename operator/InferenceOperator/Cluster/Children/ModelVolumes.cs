using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The volumes on which a model and its variants lie, and where their files are in the container.</summary>
/// <remarks>
/// A claim or image is mounted once, however many files are on it. The model's own comes first, so that variants leave it where
/// it was. What is fetched lies in a store, and is found through links that <see cref="FetchContainer"/> makes in each pod.
/// </remarks>
internal sealed class ModelVolumes
{
    private const string LinksVolume = "model-links";
    private const string StoreVolume = "model-store";

    private readonly ImmutableArray<ModelLocation> _mounted;
    private readonly StoreSpec? _store;

    private ModelVolumes(ImmutableArray<ModelLocation> mounted, StoreSpec? store) => (_mounted, _store) = (mounted, store);

    /// <summary>The folders that nothing a replica reads may lead out of.</summary>
    public IEnumerable<string> Roots => Enumerable.Range(0, _mounted.Length).Select(Folder).Concat(_store is null ? [] : [RuntimePaths.ModelStore]);

    /// <summary>The pod's volumes.</summary>
    public IEnumerable<JsonObject> Volumes => _mounted.Select(static (place, i) => place switch
    {
        ModelLocation.VolumeClaim claim => new JsonObject
        {
            ["name"] = Volume(i),
            ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = claim.Claim, ["readOnly"] = true },
        },
        ModelLocation.ImageFile image => new JsonObject
        {
            ["name"] = Volume(i),
            ["image"] = new JsonObject { ["reference"] = image.Reference, ["pullPolicy"] = "IfNotPresent" },
        },
        _ => throw new UnreachableException(),
    }).Concat(_store is null ? [] : StoreVolumes(_store));

    /// <summary>What the runtime's container mounts of them: all of it to read only.</summary>
    public IEnumerable<(string Volume, string Folder)> Mounts => Enumerable.Range(0, _mounted.Length).Select(static i => (Volume(i), Folder(i)))
        .Concat(_store is null ? [] : StoreMounts);

    /// <summary>Volume and folder of the links and of the store, which are written where models are fetched.</summary>
    public static IEnumerable<(string Volume, string Folder)> StoreMounts => [(LinksVolume, RuntimePaths.ModelLinks), (StoreVolume, RuntimePaths.ModelStore)];

    /// <exception cref="ArgumentException">A file lies where no cluster finds it.</exception>
    public static ModelVolumes Of(AgentSpec spec)
    {
        var places = AgentModels.Of(spec).Select(static model => Place(model.Model.Uri)).ToList();
        return new([.. places.Where(static place => !place.IsFetched).Select(Volume).Distinct()], places.Any(static place => place.IsFetched) ? spec.Store : null);
    }

    /// <summary>The first file that only one machine has, and the field that names it; null: there is none.</summary>
    public static (string Field, string Uri)? LocalFile(AgentSpec spec) => AgentModels.Of(spec)
        .Where(static model => ModelLocation.TryParse(model.Model.Uri, out var location, out _) && location is ModelLocation.LocalFile)
        .Select(static model => ((string, string)?)($"{model.Field}.uri", model.Model.Uri))
        .FirstOrDefault();

    /// <summary>Where a file is in the container.</summary>
    /// <param name="name">Name of the variant, or <see cref="VariantShares.Full"/>.</param>
    /// <param name="uri">Its address.</param>
    public string Path(string name, string uri) => Place(uri) switch
    {
        { IsFetched: true } => $"{RuntimePaths.ModelLinks}/{name}/{ModelLocation.ImageFile.DefaultPath}",
        ModelLocation.VolumeClaim claim => $"{Folder(_mounted.IndexOf(Volume(claim)))}/{claim.Path}",
        ModelLocation.ImageFile image => $"{Folder(_mounted.IndexOf(Volume(image)))}/{image.Path}",
        _ => throw new UnreachableException(),
    };

    private static string Volume(int index) => index == 0 ? "model" : $"model-{index}";

    private static string Folder(int index) => index == 0 ? RuntimePaths.Models : $"{RuntimePaths.Models}-{index}";

    // The same for all files of one volume.
    private static ModelLocation Volume(ModelLocation place) => place switch
    {
        ModelLocation.VolumeClaim claim => claim with { Path = "" },
        ModelLocation.ImageFile image => image with { Path = "" },
        _ => throw new UnreachableException(),
    };

    private static ModelLocation Place(string uri) => ModelLocation.Parse(uri) is var place and not ModelLocation.LocalFile
        ? place
        : throw new ArgumentException("a file of one machine cannot be served in a cluster", nameof(uri));

    private static IEnumerable<JsonObject> StoreVolumes(StoreSpec store) =>
    [
        new JsonObject { ["name"] = LinksVolume, ["emptyDir"] = new JsonObject { ["sizeLimit"] = "1Mi" } },
        new JsonObject
        {
            ["name"] = StoreVolume,
            [store.ClaimName is null ? "emptyDir" : "persistentVolumeClaim"] = store.ClaimName is { } claim
                ? new JsonObject { ["claimName"] = claim }
                : new JsonObject { ["sizeLimit"] = store.Size },
        },
    ];
}
