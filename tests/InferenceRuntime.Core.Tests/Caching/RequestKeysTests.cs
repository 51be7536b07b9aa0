using InferenceRuntime.Core.Caching;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Tests.Caching;

public sealed class RequestKeysTests
{
    private static readonly TensorContent First = new(new long[] { 2, 4 }, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 });
    private static readonly TensorContent Second = new(Array.Empty<long>(), new byte[] { 9, 10, 11 });

    public static TheoryData<string> Others => ["shape", "bytes", "order", "wanted", "border", "fewer", "rank"];

    [Fact]
    public void A_key_is_that_of_its_request_and_reads_back()
    {
        var request = Requests.Of(First, Second);
        var key = RequestKeys.Encode(request)!;
        var decoded = RequestKeys.Decode(key, 2)!;

        Assert.True(RequestKeys.Matches(key, request));
        Assert.True(RequestKeys.Matches(key, decoded));
        Assert.Equal(RequestKeys.Hash(Requests.Hash, request), RequestKeys.Hash(Requests.Hash, decoded));
        Assert.Equal(request.Bytes, decoded.Bytes);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Whatever_can_change_the_answer_makes_another_key(string change)
    {
        var request = Requests.Of(First, Second);
        var other = change switch
        {
            "shape" => Requests.Of(First with { Shape = new long[] { 4, 2 } }, Second),
            "bytes" => Requests.Of(First, Second with { Bytes = new byte[] { 9, 10, 12 } }),
            "order" => Requests.Of(Second, First),
            "wanted" => request with { OutputsWanted = 2 },
            "border" => Requests.Of(First with { Bytes = First.Bytes[..7] }, Second with { Bytes = new byte[] { 8, 9, 10, 11 } }),
            "fewer" => Requests.Of(First),
            _ => Requests.Of(First with { Shape = new long[] { 8 } }, Second with { Shape = new long[] { 1 } }),
        };

        Assert.False(RequestKeys.Matches(RequestKeys.Encode(request), other));
        Assert.NotEqual(RequestKeys.Hash(Requests.Hash, request), RequestKeys.Hash(Requests.Hash, other));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Hostile_bytes_are_no_key_or_a_key_that_reads_back_the_same(int seed)
    {
        var random = new Random(seed);
        var good = RequestKeys.Encode(Requests.Of(First, Second))!;
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)].ToArray();
            for (var j = random.Next(4); j > 0 && bytes.Length > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) switch { 0 => 0xFF, 1 => 0x7F, _ => random.Next(256) });
            }

            if (RequestKeys.Decode(bytes, 2) is { } request)
            {
                read++;
                Assert.True(RequestKeys.Encode(request).AsSpan().SequenceEqual(bytes), $"seed {seed}, case {i}");
            }
        }

        Assert.InRange(read, 1, 20_000 - 1);
    }
}
