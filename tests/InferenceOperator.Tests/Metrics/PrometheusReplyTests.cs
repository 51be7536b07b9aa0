using System.Text;
using InferenceOperator.Metrics;

namespace InferenceOperator.Tests.Metrics;

public sealed class PrometheusReplyTests
{
    [Fact]
    public void Samples_keep_their_times_and_values_that_are_no_numbers()
    {
        var series = PrometheusReply.Read("""
            {"status":"success","warnings":["slow"],"data":{"resultType":"matrix","result":[
              {"metric":{"__name__":"up","replica":"r-1"},"values":[[1893456000.25,"1.5"],[1893456001,"NaN"],[1893456002,"+Inf"]]}]}}
            """u8);

        var one = Assert.Single(series);
        Assert.Equal("up", one.Name);
        Assert.Equal("r-1", one.Label("replica"));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 0, 250, TimeSpan.Zero), one.Points[0].At);
        Assert.Equal([1.5, double.NaN, double.PositiveInfinity], one.Points.Select(static p => p.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"status":"success"}""")]
    [InlineData("""{"status":"success","data":{"resultType":"vector","result":[]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[{"values":[[1,2]]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[{"values":[["1","2"]]}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":1}}]}}""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[""")]
    [InlineData("""{"status":"success","data":{"resultType":"matrix","result":[{"values":[[1e300,"2"]]}]}}""")]
    public void What_is_not_such_an_answer_is_refused(string body) => Assert.Throws<FormatException>(() => PrometheusReply.Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void An_error_of_the_api_is_handed_on() =>
        Assert.Equal("query timed out", PrometheusReply.ErrorOf("""{"status":"error","errorType":"timeout","error":"query timed out"}"""u8));

    [Fact]
    public void Label_values_are_escaped_in_the_question() =>
        Assert.Contains("agent=\"a\\\"b\\\\c\\nd\"", PrometheusQuery.Of("ns", "a\"b\\c\nd", TimeSpan.FromSeconds(1)), StringComparison.Ordinal);

    [Fact]
    public void Three_intervals_are_looked_back_at_least_45_seconds()
    {
        Assert.EndsWith("[45000ms]", PrometheusQuery.Of("ns", "a", TimeSpan.FromSeconds(1)), StringComparison.Ordinal);
        Assert.EndsWith("[180000ms]", PrometheusQuery.Of("ns", "a", TimeSpan.FromMinutes(1)), StringComparison.Ordinal);
    }
}
