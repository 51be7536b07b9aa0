using System.Security.Cryptography;
using System.Text;

namespace InferenceOperator.Core.Rollout;

/// <summary>Names one form of what replicas are started with: equal names mean replicas that need not be exchanged for each other.</summary>
/// <param name="Text">Lower-case hexadecimal digits; part of object names and labels.</param>
public readonly record struct RevisionName(string Text)
{
    /// <summary>Digits of a name: two revisions of one agent meet by chance once in 2⁴⁰.</summary>
    public const int Length = 10;

    /// <summary>The name of a canonical text.</summary>
    public static RevisionName Of(string canonical) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))[..Length]);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
