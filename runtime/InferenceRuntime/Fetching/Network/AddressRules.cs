using System.Collections.Immutable;
using System.Net;

namespace InferenceRuntime.Fetching.Network;

/// <summary>From which addresses models may come: public ones, and those that the platform's people allow.</summary>
/// <param name="Networks">Addresses that are allowed whatever they are.</param>
/// <param name="Hosts">Lower-case names that may have private addresses: a name, or <c>*.</c> and its end. They never open the machine's own addresses.</param>
internal sealed record AddressRules(ImmutableArray<IPNetwork> Networks, ImmutableArray<string> Hosts)
{
    /// <summary>Public addresses alone.</summary>
    public static AddressRules PublicOnly { get; } = new([], []);

    /// <summary>Reads what is allowed.</summary>
    /// <param name="items">Each an address, a network such as <c>10.96.0.0/12</c>, or a name such as <c>minio.storage.svc</c> or <c>*.models.example</c>.</param>
    /// <exception cref="FormatException">One is none of these; the message says which.</exception>
    public static AddressRules Read(IEnumerable<string> items)
    {
        var networks = ImmutableArray.CreateBuilder<IPNetwork>();
        var hosts = ImmutableArray.CreateBuilder<string>();
        foreach (var item in items)
        {
            if (IPNetwork.TryParse(item, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(item, out var address))
            {
                networks.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IsName(item.StartsWith("*.", StringComparison.Ordinal) ? item[2..] : item))
            {
                hosts.Add(item.ToLowerInvariant());
            }
            else
            {
                throw new FormatException($"'{item}' is not an address, a network such as 10.96.0.0/12, or a host name such as minio.storage.svc or *.models.example");
            }
        }

        return new AddressRules(networks.DrainToImmutable(), hosts.DrainToImmutable());
    }

    /// <summary>Why nothing is read from an address; null when it may be.</summary>
    /// <param name="host">The name it was found under, or the address itself as text.</param>
    /// <param name="address">The address that would be connected to.</param>
    /// <param name="isPlain">True: without TLS, which only what is allowed by the list may be.</param>
    public string? Refusal(string host, IPAddress address, bool isPlain)
    {
        var inner = SpecialAddresses.Inner(address);
        if (Networks.Any(network => network.Contains(inner)))
        {
            return null;
        }

        var kind = SpecialAddresses.KindOf(inner);
        var named = Hosts.Any(rule => Matches(rule, host));
        return kind switch
        {
            AddressKind.Public when !isPlain || named => null,
            AddressKind.Public => $"{host} is asked without TLS, which only hosts are that the operator allows by name or address",
            AddressKind.Private when named => null,
            AddressKind.Private => $"{host} has the private address {inner}, and the operator allows neither",
            AddressKind.Machine => $"{host} has the address {inner}, which belongs to the machine or its metadata service",
            AddressKind.Nowhere => $"{host} has the address {inner}, which is nobody's",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static bool Matches(string rule, string host)
    {
        host = host.TrimEnd('.').ToLowerInvariant();
        return rule.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(rule[1..], StringComparison.Ordinal) : host == rule;
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 253 && text.Any(char.IsAsciiLetter) && text.Split('.').All(static label =>
            label.Length is > 0 and <= 63 && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && label[0] != '-');
}
