using System.Net;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using Microsoft.AspNetCore.Http;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Fetching from a store that checks each signature as S3 does.</summary>
public sealed class S3Tests
{
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    private const string Id = "AKIAIOSFODNN7EXAMPLE";

    [Fact]
    public async Task An_object_is_read_by_signed_requests_and_goes_on_where_it_was_cut_off()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        var file = new ServedFile(model, "\"5d41402abc4b2a76b9719d911017c592\"") { Cuts = new([40]) };
        await using var server = await FileServer.StartAsync(Checked(file, "eu-central-1"));

        var entry = await fetch.FetchAsync(server, "s3://my-models/ranker/v 1+ü.onnx", access: Access(fetch, server, ("AWS_REGION", "eu-central-1")));

        Assert.Equal(model, fetch.Stored(entry));
        Assert.Equal(
            ["GET /my-models/ranker/v 1+ü.onnx", $"GET /my-models/ranker/v 1+ü.onnx bytes=40- {file.Tag}"], server.Requests);
    }

    [Fact]
    public async Task A_session_token_is_sent_and_signed()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(Checked(new ServedFile(FetchUnderTest.Model(), "\"a\""), "us-east-1", "a/session+token=="));

        var entry = await fetch.FetchAsync(server, "s3://my-models/m.onnx", access: Access(fetch, server, ("AWS_SESSION_TOKEN", "a/session+token==")));

        Assert.Equal(FetchUnderTest.Model(), fetch.Stored(entry));
    }

    [Fact]
    public async Task External_data_come_from_beside_the_key()
    {
        using var fetch = new FetchUnderTest();
        var files = new Dictionary<string, ServedFile>
        {
            ["/my-models/a/m.onnx"] = new(FetchUnderTest.ModelWithData("w/m.data"), "\"m\""),
            ["/my-models/a/w/m.data"] = new([1, 2, 3, 4, 5, 6, 7, 8], "\"w\""),
        };
        await using var server = await FileServer.StartAsync(context => Checked(files[context.Request.Path.Value!], "us-east-1")(context));

        var entry = await fetch.FetchAsync(server, "s3://my-models/a/m.onnx", access: Access(fetch, server));

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], fetch.Stored(entry, "w/m.data"));
    }

    [Fact]
    public async Task A_wrong_key_is_denied_and_not_shown()
    {
        using var fetch = new FetchUnderTest();
        await using var server = await FileServer.StartAsync(Checked(new ServedFile(FetchUnderTest.Model(), "\"a\""), "us-east-1"));

        var fault = await fetch.FailAsync(server, "s3://my-models/m.onnx", access: Access(fetch, server, ("AWS_SECRET_ACCESS_KEY", "another-secret")));

        Assert.Equal(FetchFault.Denied, fault.Fault);
        Assert.DoesNotContain("another-secret", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_requests_are_not_signed()
    {
        using var fetch = new FetchUnderTest();
        var authorization = "none yet";
        var file = new ServedFile(FetchUnderTest.Model(), "\"a\"");
        await using var server = await FileServer.StartAsync(context =>
        {
            authorization = context.Request.Headers.Authorization.ToString();
            return file.AnswerAsync(context);
        });

        await fetch.FetchAsync(server, "s3://open-data/m.onnx", access: fetch.Access(server, ("AWS_ENDPOINT_URL", server.Url("")), ("token", "not-for-s3")));

        Assert.Equal("", authorization);
    }

    [Fact]
    public async Task A_store_without_TLS_has_to_be_allowed()
    {
        using var allowed = new FetchUnderTest();
        using var strict = new FetchUnderTest { Rules = AddressRules.PublicOnly };
        await using var server = await FileServer.StartAsync(Checked(new ServedFile(FetchUnderTest.Model(), "\"a\""), "us-east-1"));
        (string, string) plain = ("AWS_ENDPOINT_URL", $"http://minio.storage.svc:{server.PlainPort}");

        Assert.Equal(FetchUnderTest.Model(), allowed.Stored(await allowed.FetchAsync(server, "s3://my-models/m.onnx", access: Access(allowed, server, plain))));
        Assert.Equal(FetchFault.SourceRefused, (await strict.FailAsync(server, "s3://my-models/m.onnx", access: Access(strict, server, plain))).Fault);
    }

    [Theory]
    [InlineData("ranker", "eu-west-1", null, null, "https://ranker.s3.eu-west-1.amazonaws.com/a/m.onnx")]
    [InlineData("my.ranker", "eu-west-1", null, null, "https://s3.eu-west-1.amazonaws.com/my.ranker/a/m.onnx")]
    [InlineData("ranker", null, null, "path", "https://s3.us-east-1.amazonaws.com/ranker/a/m.onnx")]
    [InlineData("ranker", null, "https://minio.example:9000", null, "https://minio.example:9000/ranker/a/m.onnx")]
    [InlineData("ranker", null, "https://minio.example/base/", null, "https://minio.example/base/ranker/a/m.onnx")]
    [InlineData("ranker", null, "https://objects.example:9000", "virtual", "https://ranker.objects.example:9000/a/m.onnx")]
    public void The_bucket_stands_in_the_host_or_in_the_path(string bucket, string? region, string? endpoint, string? style, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("secret").FullName;
        foreach (var (name, value) in ((string, string?)[])[("AWS_REGION", region), ("AWS_ENDPOINT_URL", endpoint), ("AWS_S3_ADDRESSING_STYLE", style)])
        {
            if (value is not null)
            {
                File.WriteAllText(Path.Combine(folder, name), value);
            }
        }

        var requests = new SourceRequests(new FetchSource.S3(bucket, "a/m.onnx"), SourceAccess.Read(folder), TimeProvider.System);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(expected, requests.Address.AbsoluteUri);
    }

    private static SourceAccess Access(FetchUnderTest fetch, FileServer server, params (string, string)[] files) => fetch.Access(
        server, [("AWS_ACCESS_KEY_ID", Id), ("AWS_SECRET_ACCESS_KEY", Secret), ("AWS_ENDPOINT_URL", server.Url("")), .. files]);

    // Signs what arrived by the headers that the request says it signed, and compares.
    private static Func<HttpContext, Task> Checked(ServedFile file, string region, string? session = null) => context =>
    {
        var request = context.Request;
        var authorization = request.Headers.Authorization.ToString();
        var names = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        var headers = names.ToDictionary(static name => name, name => request.Headers[name].ToString());
        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var address = new Uri($"https://h{raw}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var expected = RequestSignature.Authorization("GET", address, headers, headers["x-amz-content-sha256"], headers["x-amz-date"], region, "s3", new AwsKey(Id, Secret, null));
        var complete = names.Contains("host") && names.Contains("x-amz-date") && (request.Headers.Range.Count == 0 || names.Contains("range"))
            && (session is null || (names.Contains("x-amz-security-token") && headers["x-amz-security-token"] == session));
        if (complete && authorization == expected)
        {
            return file.AnswerAsync(context);
        }

        context.Response.StatusCode = (int)HttpStatusCode.Forbidden;
        return Task.CompletedTask;
    };
}
