using Google.Protobuf;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Observability;
using InferenceRuntime.Tests.Transport;

namespace InferenceRuntime.Tests.Grpc;

public sealed class GrpcStreamTests
{
    [Fact]
    public async Task A_stream_is_answered_in_order_and_survives_bad_requests()
    {
        var (server, _) = await GrpcServer.StartEchoAsync(Requests.Pairs);
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var body = new List<byte>();
        for (var i = 0; i < 200; i++)
        {
            var request = i % 10 == 3 ? Requests.Pair(1, 2, 3) : Requests.Pair(i, -i);
            request.Id = $"{i}";
            body.AddRange(GrpcCaller.Frame(request.ToByteArray()));
        }

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelStreamInfer", [.. body]);

        Assert.Equal("0", result.Status);
        Assert.Equal(200, result.Messages.Count);
        for (var i = 0; i < 200; i++)
        {
            var reply = ModelStreamInferResponse.Parser.ParseFrom(result.Messages[i].Message);
            Assert.Equal($"{i}", reply.InferResponse.Id);
            Assert.Equal(i % 10 == 3, reply.ErrorMessage.Length > 0);
            Assert.Equal(i % 10 == 3 ? [] : Requests.Pair(i, -i).RawInputContents, reply.InferResponse.RawOutputContents);
        }

        Assert.Equal(0, server.Metrics.InFlight);
        Assert.Equal(180, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Answered]);
    }

    [Fact]
    public async Task A_version_that_is_replaced_in_the_middle_of_a_stream_leaves_its_requests_to_the_next()
    {
        const int Requested = 40;
        const int Taken = 15;
        var repository = new FakeRepository();
        var next = new EchoEngine(Requests.Pairs with { Version = "2" });
        var entered = 0;
        var replaced = new EchoEngine(Requests.Pairs)
        {
            Answer = _ =>
            {
                if (++entered <= Taken)
                {
                    return null;
                }

                repository.Add("echo", 1, next);
                return new InferenceOutcome.Draining();
            },
        };
        repository.Add("echo", 1, replaced);
        await using var server = await GrpcServer.StartAsync(repository);
        using var caller = new GrpcCaller(server.Url);
        byte[] body = [.. Enumerable.Range(0, Requested).SelectMany(static i => GrpcCaller.Frame(Requests.Pair(i, -i).ToByteArray()))];

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelStreamInfer", body);

        Assert.Equal("0", result.Status);
        var replies = result.Messages.Select(static m => ModelStreamInferResponse.Parser.ParseFrom(m.Message)).ToList();
        Assert.All(replies, static reply => Assert.Empty(reply.ErrorMessage));
        Assert.Equal(Enumerable.Range(0, Requested).Select(static i => Requests.Pair(i, -i).RawInputContents), replies.Select(static r => r.InferResponse.RawOutputContents));
        Assert.Equal(Enumerable.Range(0, Requested).Select(static i => i < Taken ? "1" : "2"), replies.Select(static r => r.InferResponse.ModelVersion));
        Assert.Equal((Taken, Requested - Taken), (replaced.Releases, next.Releases));
        Assert.Equal(Requested, server.Metrics.Snapshot().Outcomes[(int)RequestOutcome.Answered]);
    }

    [Fact]
    public async Task A_version_that_goes_in_the_middle_of_a_stream_without_a_next_is_said_to_drain()
    {
        var entered = 0;
        await using var server = await GrpcServer.StartAsync(new EchoEngine(Requests.Pairs) { Answer = _ => ++entered == 1 ? null : new InferenceOutcome.Draining() });
        using var caller = new GrpcCaller(server.Url);
        var frame = GrpcCaller.Frame(Requests.Pair(1, 2).ToByteArray());

        var result = await caller.SendAsync(GrpcCaller.Service + "ModelStreamInfer", [.. frame, .. frame]);

        Assert.Equal("0", result.Status);
        Assert.Equal([true, false], result.Messages.Select(static m => ModelStreamInferResponse.Parser.ParseFrom(m.Message).ErrorMessage.Length == 0));
    }
}
