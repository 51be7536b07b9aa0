using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace InferenceRuntime.Fetching.Network;

/// <summary>Addresses that are not on the public internet, as the registries of special-purpose addresses (RFC 6890, 8190) and the clouds' documents have them.</summary>
internal static class SpecialAddresses
{
    private static readonly ImmutableArray<(IPNetwork Network, AddressKind Kind)> Version4 =
    [
        (IPNetwork.Parse("168.63.129.16/32"), AddressKind.Machine), // Azure's platform address, public by its number alone.
        (IPNetwork.Parse("100.100.100.200/32"), AddressKind.Machine), // Alibaba Cloud's metadata service.
        (IPNetwork.Parse("192.0.0.0/24"), AddressKind.Machine), // Protocol assignments; Oracle Cloud's metadata service.
        (IPNetwork.Parse("127.0.0.0/8"), AddressKind.Machine),
        (IPNetwork.Parse("169.254.0.0/16"), AddressKind.Machine), // Link-local; most clouds' metadata service.
        (IPNetwork.Parse("10.0.0.0/8"), AddressKind.Private),
        (IPNetwork.Parse("172.16.0.0/12"), AddressKind.Private),
        (IPNetwork.Parse("192.168.0.0/16"), AddressKind.Private),
        (IPNetwork.Parse("100.64.0.0/10"), AddressKind.Private), // Shared by carriers, and used for pods.
        (IPNetwork.Parse("198.18.0.0/15"), AddressKind.Private), // Benchmarking; meshes take it for services.
        (IPNetwork.Parse("0.0.0.0/8"), AddressKind.Nowhere),
        (IPNetwork.Parse("192.0.2.0/24"), AddressKind.Nowhere),
        (IPNetwork.Parse("198.51.100.0/24"), AddressKind.Nowhere),
        (IPNetwork.Parse("203.0.113.0/24"), AddressKind.Nowhere),
        (IPNetwork.Parse("224.0.0.0/3"), AddressKind.Nowhere), // Multicast, reserved, broadcast.
    ];

    private static readonly ImmutableArray<(IPNetwork Network, AddressKind Kind)> Version6 =
    [
        (IPNetwork.Parse("::1/128"), AddressKind.Machine),
        (IPNetwork.Parse("fe80::/10"), AddressKind.Machine),
        (IPNetwork.Parse("fd00:ec2::/32"), AddressKind.Machine), // Amazon's metadata service and its like.
        (IPNetwork.Parse("fd20:ce::/32"), AddressKind.Machine), // Google Cloud's metadata service.
        (IPNetwork.Parse("fc00::/7"), AddressKind.Private),
        (IPNetwork.Parse("2001::/23"), AddressKind.Nowhere), // Protocol assignments, Teredo among them.
        (IPNetwork.Parse("2001:db8::/32"), AddressKind.Nowhere),
        (IPNetwork.Parse("2000::/3"), AddressKind.Public),
    ];

    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>What sort of address it is; an IPv4 address inside an IPv6 one counts as itself.</summary>
    public static AddressKind KindOf(IPAddress address)
    {
        address = Inner(address);
        var kinds = address.AddressFamily is AddressFamily.InterNetwork ? Version4 : Version6;
        foreach (var (network, kind) in kinds)
        {
            if (network.Contains(address))
            {
                return kind;
            }
        }

        return address.AddressFamily is AddressFamily.InterNetwork ? AddressKind.Public : AddressKind.Nowhere;
    }

    /// <summary>The IPv4 address that an IPv6 address stands for, or the address itself without its zone.</summary>
    public static IPAddress Inner(IPAddress address)
    {
        if (address.AddressFamily is AddressFamily.InterNetwork)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
            : Translated.Contains(new IPAddress(bytes)) ? new IPAddress(bytes.AsSpan(12))
            : SixToFour.Contains(new IPAddress(bytes)) ? new IPAddress(bytes.AsSpan(2, 4))
            : new IPAddress(bytes);
    }
}
