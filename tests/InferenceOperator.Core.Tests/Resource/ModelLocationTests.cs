using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Resource;

public sealed class ModelLocationTests
{
    [Fact]
    public void A_claim_has_a_name_and_a_path() =>
        Assert.Equal(new ModelLocation.VolumeClaim("models", "a/ranker.onnx"), ModelLocation.Parse("pvc://models/a/ranker.onnx"));

    [Fact]
    public void A_file_has_a_path() => Assert.Equal(new ModelLocation.LocalFile("/models/ranker.onnx"), ModelLocation.Parse("file:///models/ranker.onnx"));

    [Theory]
    [InlineData("pvc://models")]
    [InlineData("pvc:///ranker.onnx")]
    [InlineData("pvc://models/")]
    [InlineData("pvc://models/../../etc/passwd")]
    [InlineData("pvc://models//ranker.onnx")]
    [InlineData("file://")]
    [InlineData("https://example.com/ranker.onnx")]
    [InlineData("ranker.onnx")]
    [InlineData("")]
    public void Other_addresses_are_refused_with_a_reason(string uri)
    {
        Assert.False(ModelLocation.TryParse(uri, out _, out var error));
        Assert.False(string.IsNullOrWhiteSpace(error));
    }
}
