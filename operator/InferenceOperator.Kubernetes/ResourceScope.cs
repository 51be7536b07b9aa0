using System.Text;

namespace InferenceOperator.Kubernetes;

/// <summary>Which objects of a resource type a list or watch is about. The default is all of them.</summary>
public sealed record ResourceScope
{
    public static ResourceScope All { get; } = new();

    /// <summary>Only this namespace; empty for all. The account needs the rights of that width.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Such as <c>app=ranker,tier in (a,b)</c>; empty for no selection.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Such as <c>metadata.name=x</c>; empty for no selection.</summary>
    public string FieldSelector { get; init; } = "";

    public static ResourceScope In(string ns) => new() { Namespace = ns };

    internal StringBuilder StartQuery()
    {
        var query = new StringBuilder("?");
        AppendTo(query, "labelSelector", LabelSelector);
        AppendTo(query, "fieldSelector", FieldSelector);
        return query;
    }

    internal static void AppendTo(StringBuilder query, string name, string value)
    {
        if (value.Length > 0)
        {
            query.Append(query.Length > 1 ? "&" : "").Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
