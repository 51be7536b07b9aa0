using System.Net.Sockets;
using InferenceOperator.Local.Endpoint;

namespace InferenceOperator.Tests.Local;

public sealed class SilenceWatchTests : IDisposable
{
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(8);

    private readonly SimulatedClock _clock = new();
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly SilenceWatch _watch;

    public SilenceWatchTests() => _watch = new SilenceWatch(_socket, Most, _clock);

    public void Dispose()
    {
        _watch.Dispose();
        _socket.Dispose();
    }

    [Fact]
    public void A_socket_is_closed_when_what_is_expected_does_not_come()
    {
        _clock.Advance(Most * 3);
        _watch.Begin();

        _clock.Advance(Most - TimeSpan.FromSeconds(1));
        Assert.False(_watch.HasEnded);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.True(_watch.HasEnded);
        Assert.True(_socket.SafeHandle.IsClosed);
    }

    [Fact]
    public void Silence_while_nothing_is_expected_is_no_fault()
    {
        _watch.Begin();
        _watch.End();

        _clock.Advance(Most * 10);

        Assert.False(_watch.HasEnded);
    }

    [Fact]
    public void Each_sign_of_life_begins_the_wait_anew()
    {
        for (var i = 0; i < 20; i++)
        {
            _watch.Begin();
            _clock.Advance(Most * 0.9);
            _watch.End();
        }

        Assert.False(_watch.HasEnded);
    }
}
