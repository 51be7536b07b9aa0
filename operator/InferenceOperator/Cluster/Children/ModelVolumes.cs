using System.Collections.Immutable;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Cluster.Children;

/// <summary>The volumes on which a model and its variants lie, and where their files are in the container.</summary>
/// <remarks>A claim is mounted once, however many files are on it. The model's own comes first, so that variants leave it where it was.</remarks>
internal sealed class ModelVolumes
{
    private readonly ImmutableArray<string> _claims;

    private ModelVolumes(ImmutableArray<string> claims) => _claims = claims;

    /// <summary>Volume, claim and folder of each claim.</summary>
    public IEnumerable<(string Volume, string Claim, string Folder)> All => _claims.Select((claim, i) => (Volume(i), claim, Folder(i)));

    /// <exception cref="ArgumentException">A file does not lie on a volume claim.</exception>
    public static ModelVolumes Of(AgentSpec spec) => new([.. Files(spec).Select(file => Claim(file.Uri).Claim).Distinct(StringComparer.Ordinal)]);

    /// <summary>The first file that only one machine has, and the field that names it; null: all lie on volume claims.</summary>
    public static (string Field, string Uri)? LocalFile(AgentSpec spec) => Files(spec)
        .Where(static file => ModelLocation.TryParse(file.Uri, out var location, out _) && location is ModelLocation.LocalFile)
        .Select(static file => ((string, string)?)file)
        .FirstOrDefault();

    /// <summary>Where a file is in the container.</summary>
    public string Path(string uri)
    {
        var claim = Claim(uri);
        return $"{Folder(_claims.IndexOf(claim.Claim))}/{claim.Path}";
    }

    private static string Volume(int index) => index == 0 ? "model" : $"model-{index}";

    private static string Folder(int index) => index == 0 ? RuntimePaths.Models : $"{RuntimePaths.Models}-{index}";

    private static IEnumerable<(string Field, string Uri)> Files(AgentSpec spec) =>
        (spec.Variants ?? []).Select(static (variant, i) => ($"spec.variants[{i}].model.uri", variant.Model.Uri)).Prepend(("spec.model.uri", spec.Model.Uri));

    private static ModelLocation.VolumeClaim Claim(string uri) => ModelLocation.Parse(uri) as ModelLocation.VolumeClaim
        ?? throw new ArgumentException("only models on a volume claim can be served in a cluster", nameof(uri));
}
