using InferenceRuntime.Fetching.Sources;

namespace InferenceRuntime.Tests.Fetching;

public sealed class FetchSourceTests
{
    [Theory]
    [InlineData("https://models.example/a/b.onnx", "w/x y.bin", "https://models.example/a/w/x%20y.bin")]
    [InlineData("https://models.example/b.onnx?download=true", "b.data", "https://models.example/b.data")]
    [InlineData("s3://bucket/a/b.onnx", "w/x y.bin", "s3://bucket/a/w/x y.bin")]
    [InlineData("s3://bucket/b.onnx", "b.data", "s3://bucket/b.data")]
    public void External_data_lies_beside_the_model(string model, string location, string data)
    {
        Assert.True(FetchSource.TryParse(model, out var source, out _));
        Assert.Equal(data, source.Beside(location).Identity);
    }

    [Fact]
    public void A_query_tells_files_apart_and_is_not_shown()
    {
        Assert.True(FetchSource.TryParse("https://models.example/b.onnx?signature=secret", out var source, out _));

        Assert.Equal("https://models.example/b.onnx?signature=secret", source.Identity);
        Assert.Equal("https://models.example/b.onnx", source.ToString());
    }

    [Theory]
    [InlineData("http://models.example/b.onnx")]
    [InlineData("https://user:password@models.example/b.onnx")]
    [InlineData("https://models.example/folder/")]
    [InlineData("https://models.example/b.onnx#part")]
    [InlineData("https:///b.onnx")]
    [InlineData("ftp://models.example/b.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("s3://bucket")]
    [InlineData("s3://bucket/")]
    [InlineData("s3://b/key")]
    [InlineData("s3://bu/cket@evil/key/../other")]
    [InlineData("s3://bucket/a//b")]
    public void Other_addresses_are_refused_without_repeating_them(string text)
    {
        Assert.False(FetchSource.TryParse(text, out _, out var error));
        Assert.DoesNotContain("password", error, StringComparison.Ordinal);
    }
}
