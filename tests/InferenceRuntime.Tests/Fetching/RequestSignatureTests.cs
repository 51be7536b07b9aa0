using InferenceRuntime.Fetching.Sources;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Against the examples of Amazon's documentation and its published test suite.</summary>
public sealed class RequestSignatureTests
{
    private static readonly AwsKey Documented = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", null);

    [Theory]
    [InlineData("/test.txt", "bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("/?lifecycle", null, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("/?max-keys=2&prefix=J", null, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Requests_to_S3_are_signed_as_its_documentation_has_it(string path, string? range, string signature)
    {
        var headers = new Dictionary<string, string>
        {
            ["host"] = "examplebucket.s3.amazonaws.com",
            ["x-amz-content-sha256"] = RequestSignature.EmptyBody,
            ["x-amz-date"] = "20130524T000000Z",
        };
        if (range is not null)
        {
            headers["range"] = range;
        }

        var authorization = RequestSignature.Authorization(
            "GET", new Uri("https://examplebucket.s3.amazonaws.com" + path), headers, RequestSignature.EmptyBody, "20130524T000000Z", "us-east-1", "s3", Documented);

        Assert.Equal(
            $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;{(range is null ? "" : "range;")}x-amz-content-sha256;x-amz-date, Signature={signature}",
            authorization);
    }

    [Theory]
    [InlineData("", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    public void Requests_are_signed_as_in_the_test_suite(string query, string signature)
    {
        var headers = new Dictionary<string, string> { ["host"] = "example.amazonaws.com", ["x-amz-date"] = "20150830T123600Z" };

        var authorization = RequestSignature.Authorization(
            "GET", new Uri("https://example.amazonaws.com/" + query), headers, RequestSignature.EmptyBody, "20150830T123600Z", "us-east-1", "service",
            new AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null));

        Assert.EndsWith($"Signature={signature}", authorization, StringComparison.Ordinal);
    }

    [Fact]
    public void A_date_is_in_universal_time() =>
        Assert.Equal("20300101T010203Z", RequestSignature.Date(new DateTimeOffset(2030, 1, 1, 3, 2, 3, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData("aZ0-._~", "aZ0-._~")]
    [InlineData("a b+c%d", "a%20b%2Bc%25d")]
    [InlineData("ü!*'()", "%C3%BC%21%2A%27%28%29")]
    public void Everything_but_unreserved_characters_is_escaped(string part, string escaped) => Assert.Equal(escaped, RequestSignature.Escape(part));

    [Fact]
    public void A_key_does_not_show_its_secret() => Assert.Equal("AKIAIOSFODNN7EXAMPLE", Documented.ToString());
}
