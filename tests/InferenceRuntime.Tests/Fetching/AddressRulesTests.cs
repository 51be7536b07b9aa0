using System.Net;
using InferenceRuntime.Fetching.Network;

namespace InferenceRuntime.Tests.Fetching;

public sealed class AddressRulesTests
{
    [Theory]
    [InlineData("93.184.215.14")]
    [InlineData("2606:2800:21f:cb07:6820:80da:af6b:8b2c")]
    [InlineData("::ffff:93.184.215.14")]
    [InlineData("64:ff9b::5db8:d70e")]
    public void Public_addresses_are_read_from(string address) => Assert.Null(AddressRules.PublicOnly.Refusal("h", IPAddress.Parse(address), isPlain: false));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("100.100.100.200")]
    [InlineData("168.63.129.16")]
    [InlineData("192.0.0.192")]
    [InlineData("::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fd00:ec2::254")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::1")]
    [InlineData("10.96.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("fd12:3456::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("::")]
    [InlineData("::2")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("192.0.2.1")]
    [InlineData("ff02::1")]
    [InlineData("fec0::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2001::1")]
    public void No_other_address_is(string address) => Assert.NotNull(AddressRules.PublicOnly.Refusal("h", IPAddress.Parse(address), isPlain: false));

    [Fact]
    public void A_network_opens_what_lies_in_it_and_nothing_else()
    {
        var rules = AddressRules.Read(["10.96.0.0/12", "127.0.0.1", "fd00::/8"]);

        Assert.Null(rules.Refusal("h", IPAddress.Parse("10.100.1.2"), isPlain: true));
        Assert.Null(rules.Refusal("h", IPAddress.Parse("::ffff:10.100.1.2"), isPlain: false));
        Assert.Null(rules.Refusal("h", IPAddress.Parse("127.0.0.1"), isPlain: false));
        Assert.Null(rules.Refusal("h", IPAddress.Parse("fd12::1"), isPlain: false));
        Assert.NotNull(rules.Refusal("h", IPAddress.Parse("10.112.0.1"), isPlain: false));
        Assert.NotNull(rules.Refusal("h", IPAddress.Parse("127.0.0.2"), isPlain: false));
    }

    [Theory]
    [InlineData("minio.storage.svc", "minio.storage.svc", true)]
    [InlineData("minio.storage.svc", "MinIO.storage.svc.", true)]
    [InlineData("minio.storage.svc", "evil.minio.storage.svc", false)]
    [InlineData("*.models.example", "a.models.example", true)]
    [InlineData("*.models.example", "models.example", false)]
    [InlineData("*.models.example", "evilmodels.example", false)]
    public void A_name_opens_private_addresses_behind_it(string rule, string host, bool opens)
    {
        var rules = AddressRules.Read([rule]);

        Assert.Equal(opens, rules.Refusal(host, IPAddress.Parse("10.96.3.4"), isPlain: true) is null);
        Assert.NotNull(rules.Refusal(host, IPAddress.Parse("169.254.169.254"), isPlain: true));
        Assert.NotNull(rules.Refusal(host, IPAddress.Loopback, isPlain: true));
    }

    [Fact]
    public void Without_TLS_only_what_the_list_names_is_read()
    {
        Assert.NotNull(AddressRules.PublicOnly.Refusal("files.example", IPAddress.Parse("93.184.215.14"), isPlain: true));
        Assert.Null(AddressRules.Read(["files.example"]).Refusal("files.example", IPAddress.Parse("93.184.215.14"), isPlain: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("10.0.0.0/33")]
    [InlineData("a..b")]
    [InlineData("https://a.example")]
    public void What_is_neither_address_nor_network_nor_name_is_refused(string item) => Assert.Throws<FormatException>(() => AddressRules.Read([item]));
}
