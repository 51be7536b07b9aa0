using System.Text.Json.Nodes;

namespace InferenceOperator.Core.Schema;

/// <summary>A rule that types and patterns cannot say. Written twice: for API servers that know CEL, and for the operator, because older servers drop it.</summary>
/// <param name="Cel">The rule in CEL; <c>self</c> is the node it stands at.</param>
/// <param name="Field">The field to blame, relative to that node; empty: the node itself.</param>
/// <param name="Message">What would be right.</param>
/// <param name="Holds">The same rule in C#; the node has passed all other checks, defaults are filled in.</param>
internal sealed record CrossFieldRule(string Cel, string Field, string Message, Func<JsonNode, bool> Holds);
