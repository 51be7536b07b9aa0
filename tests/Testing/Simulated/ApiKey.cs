namespace InferenceOperator.Testing.Simulated;

/// <summary>Names one object of the simulated API server.</summary>
public readonly record struct ApiKey(ApiType Type, string Namespace, string Name)
{
    public override string ToString() => Namespace.Length == 0 ? $"{Type} {Name}" : $"{Type} {Namespace}/{Name}";
}
