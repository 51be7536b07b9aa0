namespace Packaging.Tests.Kit;

/// <summary>What the tests ask of lists of objects.</summary>
internal static class Manifests
{
    public static JsonObject One(this IEnumerable<JsonObject> objects, string kind, string? name = null) =>
        Assert.Single(objects, manifest => Kind(manifest) == kind && (name is null || Name(manifest) == name));

    public static bool Has(this IEnumerable<JsonObject> objects, string kind) => objects.Any(manifest => Kind(manifest) == kind);

    public static string Kind(JsonObject manifest) => (string)manifest["kind"]!;

    public static string Name(JsonObject manifest) => (string)manifest["metadata"]!["name"]!;

    public static JsonObject PodSpec(this JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!.AsObject();

    public static JsonObject Container(this JsonObject deployment) => deployment.PodSpec()["containers"]![0]!.AsObject();

    public static IReadOnlyList<string> Arguments(this JsonObject deployment) => [.. deployment.Container()["args"]!.AsArray().Select(static argument => (string)argument!)];
}
