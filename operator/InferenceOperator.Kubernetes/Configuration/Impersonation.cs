using YamlDotNet.RepresentationModel;

namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>The headers by which a user with the right to do so acts as another (<c>as</c>, <c>as-groups</c>, <c>as-uid</c>, <c>as-user-extra</c>).</summary>
internal static class Impersonation
{
    /// <exception cref="KubernetesConfigException">Groups, a uid or further facts are given without a name.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> HeadersOf(KubeconfigEntry user)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var group in user.Sequence("as-groups"))
        {
            headers.Add(new("Impersonate-Group", group.ToString()));
        }

        if (user.Text("as-uid") is { Length: > 0 } uid)
        {
            headers.Add(new("Impersonate-Uid", uid));
        }

        if (user.Child("as-user-extra") is { } extra)
        {
            foreach (var key in extra.Node.Children.Keys.OfType<YamlScalarNode>().Select(static key => key.Value ?? ""))
            {
                headers.AddRange(extra.Sequence(key).Select(value => KeyValuePair.Create($"Impersonate-Extra-{Uri.EscapeDataString(key)}", value.ToString())));
            }
        }

        var name = user.Text("as");
        if (name.Length == 0)
        {
            return headers.Count == 0 ? [] : throw new KubernetesConfigException($"{user.Place} says as which groups, uid or extra to act, but not as whom (as)");
        }

        headers.Insert(0, new("Impersonate-User", name));
        return headers;
    }
}
