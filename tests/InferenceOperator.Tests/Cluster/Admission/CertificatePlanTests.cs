using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Cluster.Admission;

namespace InferenceOperator.Tests.Cluster.Admission;

public sealed class CertificatePlanTests
{
    private static readonly ImmutableArray<string> Names = ["inference-operator-admission.inference-operator.svc", "127.0.0.1"];
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SimulatedClock _clock = new(Start);

    private DateTimeOffset Now => _clock.GetUtcNow();

    [Fact]
    public void Where_there_is_nothing_all_is_made_and_then_left_alone()
    {
        var made = CertificatePlan.Next(null, Names, Now)!;

        Assert.Single(made.Authorities);
        AssertTrusted(made, made.Bundle);
        Assert.Null(CertificatePlan.Next(made, Names, Now));
        _clock.Advance(CertificateTimes.ServingLife - CertificateTimes.ServingLeast - TimeSpan.FromMinutes(1));
        Assert.Null(CertificatePlan.Next(made, Names, Now));
    }

    [Fact]
    public void For_years_what_is_served_is_trusted_also_by_who_saw_the_authorities_a_while_ago()
    {
        // What an API server may still go by: what it was told up to so long ago.
        var lag = CertificateTimes.Overlap - AdmissionCertificates.LookAfter - TimeSpan.FromMinutes(1);
        var set = CertificatePlan.Next(null, Names, Now)!;
        var told = new List<(DateTimeOffset At, string Bundle)> { (Now, set.Bundle) };
        var (servings, authorities) = (1, 1);
        var changedAt = Now;
        while (Now < Start + TimeSpan.FromDays(2 * 365))
        {
            _clock.Advance(Now - changedAt < 2 * CertificateTimes.Overlap ? TimeSpan.FromMinutes(20) : TimeSpan.FromDays(1));
            if (CertificatePlan.Next(set, Names, Now) is { } next)
            {
                servings += next.Certificate == set.Certificate ? 0 : 1;
                authorities += next.AuthorityKey == set.AuthorityKey ? 0 : 1;
                (set, changedAt) = (next, Now);
                told.Add((Now, set.Bundle));
            }

            told.RemoveAll(one => one != told[^1] && told[told.IndexOf(one) + 1].At < Now - lag);
            Assert.InRange(set.Authorities.Length, 1, 2);
            Assert.All(told, one => AssertTrusted(set, one.Bundle));
        }

        Assert.Equal(3, authorities);
        Assert.InRange(servings, 34, 40);
    }

    [Fact]
    public void A_new_authority_signs_only_after_it_was_trusted_for_a_while()
    {
        var old = CertificatePlan.Next(null, Names, Now)!;
        _clock.Advance(CertificateTimes.AuthorityLife - CertificateTimes.AuthorityLeast - TimeSpan.FromDays(1));
        old = CertificatePlan.Next(old, Names, Now)!;
        _clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));

        var both = CertificatePlan.Next(old, Names, Now)!;
        Assert.Equal((2, old.Certificate, old.Authorities[0]), (both.Authorities.Length, both.Certificate, both.Authorities[1]));
        _clock.Advance(CertificateTimes.Overlap - TimeSpan.FromSeconds(1));
        Assert.Null(CertificatePlan.Next(both, Names, Now));
        _clock.Advance(TimeSpan.FromSeconds(1));

        var renewed = CertificatePlan.Next(both, Names, Now)!;
        Assert.Equal(both.Bundle, renewed.Bundle);
        AssertTrusted(renewed, both.Authorities[0]);
        AssertTrusted(both, old.Bundle);
    }

    [Fact]
    public void After_an_absence_of_years_all_is_made_anew()
    {
        var old = CertificatePlan.Next(null, Names, Now)!;
        _clock.Advance(2 * CertificateTimes.AuthorityLife);

        var made = CertificatePlan.Next(old, Names, Now)!;

        Assert.DoesNotContain(old.Authorities[0], made.Authorities);
        AssertTrusted(made, made.Bundle);
    }

    [Fact]
    public void Another_name_a_lost_key_or_somebody_elses_certificate_is_mended_at_once_by_the_same_authority()
    {
        var good = CertificatePlan.Next(null, Names, Now)!;
        var other = CertificatePlan.Next(null, Names, Now)!;
        foreach (var broken in new[] { good with { Key = "" }, good with { Certificate = "nonsense" }, good with { Certificate = other.Certificate, Key = other.Key } })
        {
            var mended = CertificatePlan.Next(broken, Names, Now)!;
            Assert.Equal(good.Bundle, mended.Bundle);
            AssertTrusted(mended, good.Bundle);
        }

        var renamed = CertificatePlan.Next(good, [.. Names, "localhost"], Now)!;
        Assert.Equal(good.Bundle, renamed.Bundle);
        using var certificate = CertificatePlan.Open(renamed);
        Assert.True(certificate.MatchesHostname("localhost"));
    }

    [Fact]
    public void An_authority_whose_key_is_lost_gets_a_successor_and_goes_on_being_trusted()
    {
        var good = CertificatePlan.Next(null, Names, Now)!;

        var mended = CertificatePlan.Next(good with { AuthorityKey = "lost" }, Names, Now)!;

        Assert.Equal((2, good.Certificate), (mended.Authorities.Length, mended.Certificate));
        AssertTrusted(mended, good.Bundle);
    }

    [Fact]
    public void A_Secret_gives_what_was_put_into_it_and_nothing_where_an_entry_is_missing_or_no_base64()
    {
        var set = CertificatePlan.Next(null, Names, Now)!;
        var secret = new JsonObject { ["data"] = set.ToData() };
        Assert.Equal(set, CertificateSet.Read(secret));
        Assert.Null(CertificateSet.Read([]));
        foreach (var entry in set.ToData().Select(static pair => pair.Key))
        {
            var without = (JsonObject)secret.DeepClone();
            without["data"]!.AsObject().Remove(entry);
            Assert.Null(CertificateSet.Read(without));
            without["data"]![entry] = "*";
            Assert.Null(CertificateSet.Read(without));
        }

        secret["data"]!["ca.crt"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("garbage"));
        AssertTrusted(CertificatePlan.Next(CertificateSet.Read(secret), Names, Now)!, null);
    }

    [Fact]
    public void Keys_do_not_show_in_texts() => Assert.DoesNotContain("PRIVATE", $"{CertificatePlan.Next(null, Names, Now)}", StringComparison.Ordinal);

    /// <param name="set">What is served.</param>
    /// <param name="bundle">What a client trusts; null: what the set says.</param>
    private void AssertTrusted(CertificateSet set, string? bundle)
    {
        using var certificate = CertificatePlan.Open(set);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = Now.UtcDateTime;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(bundle ?? set.Bundle);
        Assert.True(chain.Build(certificate), $"{Now:O}: {string.Join(", ", chain.ChainStatus.Select(static status => status.StatusInformation))}");
        Assert.All(Names, name => Assert.True(certificate.MatchesHostname(name)));
    }
}
