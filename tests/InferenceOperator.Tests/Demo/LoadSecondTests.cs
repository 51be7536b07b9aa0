using System.Text.Json;
using InferenceOperator.Demo;

namespace InferenceOperator.Tests.Demo;

public sealed class LoadSecondTests
{
    [Fact]
    public void A_progress_line_is_read_with_refused_and_lost_requests_together()
    {
        const string Line =
            """{"second":7,"phase":1,"offeredRate":3000,"figures":{"due":3000,"answered":2990,"refused":{"429":6,"503":1},"lost":3,"wrong":2,"withinSlo":2900,"rate":2990,"meanMs":1,"p50Ms":1.5,"p90Ms":2,"p99Ms":30.25,"p999Ms":40,"maxMs":50}}""";

        var second = LoadSecond.Parse(Line);

        Assert.Equal(
            new LoadSecond(7, 1, Answered: 2990, NotAnswered: 10, Wrong: 2, TimeSpan.FromMilliseconds(1.5), TimeSpan.FromMilliseconds(30.25)),
            second);
    }

    [Theory]
    [InlineData("")]
    [InlineData("total: 5")]
    public void Another_line_is_refused(string line)
    {
        Assert.ThrowsAny<JsonException>(() => LoadSecond.Parse(line));
    }
}
