using System.IO.Compression;
using System.Text;
using InferenceOperator.Local.Endpoint.Grpc;
using Xunit.Abstractions;

namespace InferenceOperator.Tests.Local.Grpc;

public sealed class TextFieldTests(ITestOutputHelper output)
{
    [Fact]
    public void The_last_of_several_counts_and_other_fields_are_stepped_over_whatever_their_type()
    {
        byte[] message = [.. new List<byte>().Text(1, "first").Bytes(7, [10, 4, 1, 2, 3, 4]).Number(2, 300), 0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4, .. new List<byte>().Text(1, "läst")];

        Assert.True(TextField.TryFind(message, TextField.Name, out var name));
        Assert.Equal("läst", Encoding.UTF8.GetString(name));
        Assert.True(TextField.TryFind(message, TextField.Id + 6, out var none));
        Assert.True(none.IsEmpty);
    }

    [Fact]
    public void A_message_that_is_cut_anywhere_within_a_field_is_no_message()
    {
        byte[] message = [.. new List<byte>().Text(1, "digits")];

        for (var length = 1; length < message.Length; length++)
        {
            Assert.False(TextField.TryFind(message.AsSpan(0, length), TextField.Name, out _), $"{length} bytes");
        }
    }

    [Fact]
    public void Any_bytes_are_read_without_a_failure()
    {
        const int seed = 83;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            byte[] message = [.. GrpcAsker.Digits()];
            Array.Resize(ref message, random.Next(message.Length + 1));
            for (var flips = random.Next(4); flips > 0 && message.Length > 0; flips--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            _ = TextField.TryFind(message, TextField.Name, out var name);
            Assert.True(name.Length <= message.Length);
            _ = TextField.TryFindCompressed(message, TextField.Name, out _);
        }
    }

    [Fact]
    public void A_name_behind_more_than_is_inflated_is_not_found()
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write([.. new List<byte>().Bytes(7, new byte[TextField.InflatedMax]).Text(1, "digits")]);
        }

        Assert.False(TextField.TryFindCompressed(memory.ToArray(), TextField.Name, out _));
    }
}
