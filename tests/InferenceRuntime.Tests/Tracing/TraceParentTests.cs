using System.Diagnostics;
using InferenceRuntime.Telemetry;

namespace InferenceRuntime.Tests.Tracing;

public sealed class TraceParentTests
{
    private const string Good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Theory]
    [InlineData(Good, true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03", true)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true)]
    public void A_header_of_the_standard_or_of_a_later_one_is_read(string header, bool isSampled)
    {
        var parent = TraceParent.Read(header);

        Assert.Equal((header, isSampled, 0xa3ce929d0e0e4736UL), (parent.Header, parent.IsSampled, parent.Randomness));
        var context = parent.Recorded(state: null);
        Assert.Equal(("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true), (context.TraceId.ToHexString(), context.SpanId.ToHexString(), context.IsRemote));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-xy")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more")]
    [InlineData("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01")]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01-")]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01")]
    public void Anything_else_counts_as_no_header(string? header)
    {
        Assert.Equal(default, TraceParent.Read(header));
        Assert.Equal(default(ActivityContext), TraceParent.Read(header).Recorded("vendor=1"));
    }

    [Fact]
    public void A_state_is_kept_unless_it_is_too_long_or_not_printable()
    {
        var parent = TraceParent.Read(Good);

        Assert.Equal("vendor=1,other=2", parent.Recorded("vendor=1,other=2").TraceState);
        Assert.Equal(new string('a', TraceParent.StateLengthMax), parent.Recorded(new string('a', TraceParent.StateLengthMax)).TraceState);
        Assert.Null(parent.Recorded(new string('a', TraceParent.StateLengthMax + 1)).TraceState);
        Assert.Null(parent.Recorded("vendor=\u0001").TraceState);
        Assert.Null(parent.Recorded("").TraceState);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        var sampler = new TraceSampler(new TraceSampling(0.01, FollowsParent: true), seed: 1);
        const string Unsampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
        Assert.False(sampler.Records(TraceParent.Read(Unsampled)));
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            sampler.Records(TraceParent.Read(Unsampled));
            sampler.Records(default);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
