namespace InferenceRuntime.Fetching.Network;

/// <summary>Sorts of addresses, by what may be reached there.</summary>
internal enum AddressKind
{
    /// <summary>Anybody's.</summary>
    Public,

    /// <summary>An organisation's own: pods, services and machines of a cluster have such.</summary>
    Private,

    /// <summary>The machine itself, its link, or the service that tells it its credentials.</summary>
    Machine,

    /// <summary>Nobody's: multicast, documentation, reserved.</summary>
    Nowhere,
}
