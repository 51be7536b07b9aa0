namespace InferenceOperator.Kubernetes.Leases;

/// <summary>One state of a Lease as the API server has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ResourceVersion">Names this state; compared for equality alone.</param>
/// <param name="Holder">Who holds it; empty: nobody.</param>
/// <param name="Duration">How long others are to leave it alone while it does not change; zero: it does not say.</param>
/// <param name="Transitions">How often it changed hands.</param>
internal sealed record LeaseState(string Name, string ResourceVersion, string Holder, TimeSpan Duration, int Transitions);
