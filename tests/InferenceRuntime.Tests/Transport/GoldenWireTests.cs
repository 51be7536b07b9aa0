using System.Text;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Tests.Transport;

/// <summary>Whole messages as they stand on the wire; the files are the promise to clients.</summary>
public sealed class GoldenWireTests
{
    private static readonly ModelSignature Model = EchoEngine.Model(
        batched: true, ("pixels", Datatype.Fp32, [-1, 3]), ("labels", Datatype.Bytes, [-1]));

    [Theory]
    [InlineData("json")]
    [InlineData("binary")]
    [InlineData("mixed")]
    [InlineData("error")]
    public async Task A_request_gets_exactly_the_reply_on_file(string name)
    {
        await using var server = await EchoServer.StartAsync(Model);

        var reply = await server.SendAsync(Unescape(Golden.Read($"{name}.request.txt")));

        Golden.AssertEqual($"{name}.reply.txt", $"{reply.Status}\n{Escape(reply.Body)}\n");
    }

    /// <summary>Lines end as HTTP ends them; a backslash and two hexadecimal digits are a byte; <c>LENGTH</c> is the body's.</summary>
    private static byte[] Unescape(string text)
    {
        var parts = text.TrimEnd('\n').Split("\n\n", 2);
        var body = new List<byte>();
        for (var i = 0; i < parts[1].Length; i++)
        {
            if (parts[1][i] == '\\' && char.IsAsciiHexDigit(parts[1][i + 1]))
            {
                body.Add(Convert.ToByte(parts[1].Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                body.Add((byte)parts[1][i]);
            }
        }

        var head = parts[0].Replace("\n", "\r\n", StringComparison.Ordinal).Replace("LENGTH", $"{body.Count}", StringComparison.Ordinal);
        return [.. Encoding.ASCII.GetBytes($"{head}\r\n\r\n"), .. body];
    }

    private static string Escape(byte[] body) =>
        string.Concat(body.Select(static b => b is >= 0x20 and < 0x7F ? $"{(char)b}" : $"\\{b:X2}"));
}
