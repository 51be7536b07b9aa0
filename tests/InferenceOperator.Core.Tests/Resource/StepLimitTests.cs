using System.Text.Json;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Tests.Resource;

public sealed class StepLimitTests
{
    [Theory]
    [InlineData("4", 10, 4)]
    [InlineData("50%", 10, 5)]
    [InlineData("50%", 3, 2)]
    [InlineData("10%", 1, 1)]
    [InlineData("10%", 0, 1)]
    [InlineData("200%", 3, 6)]
    public void A_share_is_rounded_up_and_at_least_one(string text, int replicas, int expected)
    {
        Assert.True(StepLimit.TryParse(text, out var limit));
        Assert.Equal((expected, text), (limit.Of(replicas), limit.ToString()));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0%")]
    [InlineData("-1")]
    [InlineData("1001")]
    [InlineData("1001%")]
    [InlineData("1.5")]
    [InlineData(" 4")]
    [InlineData("%")]
    [InlineData("")]
    [InlineData(null)]
    public void Anything_else_is_none(string? text) => Assert.False(StepLimit.TryParse(text, out _));

    [Theory]
    [InlineData("{\"maxStep\":4}")]
    [InlineData("{\"maxStep\":\"25%\"}")]
    [InlineData("{}")]
    public void It_is_written_as_it_is_read(string json) =>
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, AgentJson.Default.ScaleUpSpec)!, AgentJson.Default.ScaleUpSpec));
}
