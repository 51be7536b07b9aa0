namespace InferenceOperator.Kubernetes;

/// <summary>One object as the API server returned it: the facts that identify this state of it, and its content.</summary>
/// <param name="Key">Namespace and name.</param>
/// <param name="Uid">Identity over time: an object that is deleted and created again under the same key has another one.</param>
/// <param name="ResourceVersion">Opaque; only good for comparing for equality and for handing back to the API server.</param>
/// <param name="Value">The content. In the items of a list, <c>apiVersion</c> and <c>kind</c> may be absent.</param>
public sealed record ApiObject<T>(ObjectKey Key, string Uid, string ResourceVersion, T Value);
