using InferenceOperator.Local;

namespace InferenceOperator.Tests.Local;

public sealed class CurlLineTests
{
    private static readonly Uri Endpoint = new("http://127.0.0.1:8000");

    [Fact]
    public void A_small_row_is_written_out() => Assert.Equal(
        """curl -s http://127.0.0.1:8000/v2/models/m/infer -d '{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[0,7,14]}]}'""",
        CurlLine.For(Endpoint, "m", """{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3]}]}"""));

    [Fact]
    public void A_large_tensor_is_sent_as_zeros() => Assert.Equal(
        """{ printf '%s' '{"inputs":[{"name":"x","shape":[1,3,32,32],"datatype":"FP32","parameters":{"binary_data_size":12288}}]}'; head -c 12288 /dev/zero; } | curl -s http://127.0.0.1:8000/v2/models/m/infer -H 'Inference-Header-Content-Length: 103' --data-binary @-""",
        CurlLine.For(Endpoint, "m", """{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,3,32,32]}]}"""));

    [Fact]
    public void A_quote_in_a_name_does_not_end_the_shells_word() =>
        Assert.DoesNotContain("x'y", CurlLine.For(Endpoint, "m", """{"inputs":[{"name":"x'y","datatype":"INT64","shape":[1]}]}"""), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"inputs":[{"name":1}]}""")]
    [InlineData("""{"inputs":{}}""")]
    public void Metadata_that_cannot_be_read_gives_no_line(string metadata) => Assert.Null(CurlLine.For(Endpoint, "m", metadata));
}
