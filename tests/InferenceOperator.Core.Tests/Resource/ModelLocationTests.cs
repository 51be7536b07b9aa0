using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Resource;

public sealed class ModelLocationTests
{
    [Fact]
    public void A_claim_has_a_name_and_a_path() =>
        Assert.Equal(new ModelLocation.VolumeClaim("models", "a/ranker.onnx"), ModelLocation.Parse("pvc://models/a/ranker.onnx"));

    [Fact]
    public void A_file_has_a_path() => Assert.Equal(new ModelLocation.LocalFile("/models/ranker.onnx"), ModelLocation.Parse("file:///models/ranker.onnx"));

    [Fact]
    public void A_web_server_has_an_address() =>
        Assert.Equal(new ModelLocation.HttpsFile(new Uri("https://example.com/a/ranker.onnx?download=true")), ModelLocation.Parse("https://example.com/a/ranker.onnx?download=true"));

    [Fact]
    public void An_object_has_a_bucket_and_a_key() => Assert.Equal(new ModelLocation.S3Object("my.models", "a/ranker v1.onnx"), ModelLocation.Parse("s3://my.models/a/ranker v1.onnx"));

    [Theory]
    [InlineData("oci://ghcr.io/acme/ranker:3#a/ranker.onnx", "ghcr.io/acme/ranker:3", "a/ranker.onnx")]
    [InlineData("oci://registry:5000/ranker@sha256:0123", "registry:5000/ranker@sha256:0123", "model.onnx")]
    public void An_image_has_a_reference_and_a_path(string uri, string reference, string path) =>
        Assert.Equal(new ModelLocation.ImageFile(reference, path), ModelLocation.Parse(uri));

    [Theory]
    [InlineData("file:///a", false)]
    [InlineData("pvc://a/b", false)]
    [InlineData("oci://a/b", false)]
    [InlineData("https://a/b", true)]
    [InlineData("s3://abc/b", true)]
    public void What_lies_on_a_server_is_fetched(string uri, bool isFetched) => Assert.Equal(isFetched, ModelLocation.Parse(uri).IsFetched);

    [Fact]
    public void A_refusal_does_not_repeat_credentials()
    {
        Assert.False(ModelLocation.TryParse("https://user:hunter2@example.com/a.onnx", out _, out var error));
        Assert.DoesNotContain("hunter2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://example.com/folder/")]
    [InlineData("https://example.com")]
    [InlineData("https://example.com/a.onnx#part")]
    [InlineData("https:///a.onnx")]
    [InlineData("http://example.com/ranker.onnx")]
    [InlineData("s3://bucket")]
    [InlineData("s3://bucket/")]
    [InlineData("s3://b/a.onnx")]
    [InlineData("s3://bucket/../a.onnx")]
    [InlineData("s3://buc@ket/a.onnx")]
    [InlineData("oci://ranker")]
    [InlineData("oci://ghcr.io/acme/ranker:3#")]
    [InlineData("oci://ghcr.io/acme/ranker:3#../etc/passwd")]
    [InlineData("oci://ghcr.io/acme/ranker 3")]
    [InlineData("pvc://models")]
    [InlineData("pvc:///ranker.onnx")]
    [InlineData("pvc://models/")]
    [InlineData("pvc://models/../../etc/passwd")]
    [InlineData("pvc://models//ranker.onnx")]
    [InlineData("file://")]
    [InlineData("ranker.onnx")]
    [InlineData("")]
    public void Other_addresses_are_refused_with_a_reason(string uri)
    {
        Assert.False(ModelLocation.TryParse(uri, out _, out var error));
        Assert.False(string.IsNullOrWhiteSpace(error));
    }
}
