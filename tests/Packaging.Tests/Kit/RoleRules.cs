namespace Packaging.Tests.Kit;

/// <summary>The rules of a Role as single rights, so that two ways of writing the same compare equal.</summary>
internal static class RoleRules
{
    /// <summary><c>GROUP/RESOURCE VERB</c>, and <c>GROUP/RESOURCE/NAME VERB</c> for a right on one object alone; sorted.</summary>
    public static IReadOnlyList<string> Rights(JsonObject role) =>
        [.. role["rules"]!.AsArray().SelectMany(static rule => Rights(rule!.AsObject(), "apiGroups", "resources", "verbs")).Distinct().Order(StringComparer.Ordinal)]; // The files' own form.

    private static IEnumerable<string> Rights(JsonObject rule, string groups, string resources, string verbs) =>
        from apiGroup in Texts(rule, groups)
        from resource in Texts(rule, resources)
        from name in rule["resourceNames"] is null ? [""] : Texts(rule, "resourceNames").Select(static name => $"/{name}")
        from verb in Texts(rule, verbs)
        select $"{apiGroup}/{resource}{name} {verb}";

    private static IEnumerable<string> Texts(JsonObject rule, string field) => rule[field]!.AsArray().Select(static value => (string)value!);
}
