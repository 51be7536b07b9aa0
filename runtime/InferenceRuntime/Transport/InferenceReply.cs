using System.Buffers;
using System.Globalization;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Transport.Compression;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>Sends the reply to an inference request: the JSON, then the binary tensors.</summary>
internal static class InferenceReply
{
    public const string Binary = "application/octet-stream";

    /// <summary>Replies up to this size are put together and sent in one piece; longer ones go tensor by tensor.</summary>
    private const int OnePieceMax = 32 * 1024;

    /// <summary>The header's text for every length of JSON that is usual.</summary>
    private static readonly string?[] LengthTexts = new string?[2048];

    public static async Task SendAsync(RestExchange exchange, TensorContent[] outputs)
    {
        var call = exchange.Call;
        var json = exchange.Reply;
        var tensorBytes = 0L;
        for (var i = 0; i < outputs.Length; i++)
        {
            tensorBytes += IsBinary(call.OutputsBinary, i) ? outputs[i].Bytes.Length : 0;
        }

        if (call.OutputsBinary != 0)
        {
            exchange.Features.GetRequiredFeature<IHttpResponseFeature>().Headers[InferenceHeader.Name] = Text(json.Length);
        }

        var type = call.OutputsBinary == 0 ? HttpReply.Json : Binary;
        if (json.Length + tensorBytes >= ReplyDeflater.LengthMin && TryPack(exchange, outputs))
        {
            await SendPackedAsync(exchange, type).ConfigureAwait(false);
            return;
        }

        if (call.OutputsBinary != 0 && json.Length + tensorBytes > OnePieceMax)
        {
            await SendPiecesAsync(exchange, outputs, tensorBytes).ConfigureAwait(false);
            return;
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            if (IsBinary(call.OutputsBinary, i))
            {
                json.Write(outputs[i].Bytes.Span);
            }
        }

        await HttpReply.SendAsync(exchange.Features, StatusCodes.Status200OK, type, json.Written).ConfigureAwait(false);
    }

    /// <summary>Packs the reply when the client takes it packed and that pays; the choice is then in the headers.</summary>
    private static bool TryPack(RestExchange exchange, TensorContent[] outputs)
    {
        var coding = ContentCodings.Choose(exchange.Request.Headers.AcceptEncoding);
        if (coding == ContentCoding.Identity
            || !ReplyDeflater.TryPack(coding, exchange.Reply.Written.Span, outputs, exchange.Call.OutputsBinary, exchange.Packed))
        {
            return false;
        }

        var headers = exchange.Features.GetRequiredFeature<IHttpResponseFeature>().Headers;
        headers.ContentEncoding = coding.Name();
        headers.Append("Vary", "Accept-Encoding");
        return true;
    }

    private static async Task SendPackedAsync(RestExchange exchange, string type)
    {
        try
        {
            await HttpReply.SendAsync(exchange.Features, StatusCodes.Status200OK, type, exchange.Packed.Written).ConfigureAwait(false);
        }
        finally
        {
            exchange.Packed.Clear();
        }
    }

    private static async Task SendPiecesAsync(RestExchange exchange, TensorContent[] outputs, long tensorBytes)
    {
        var response = exchange.Features.GetRequiredFeature<IHttpResponseFeature>();
        response.Headers.ContentType = Binary;
        response.Headers.ContentLength = exchange.Reply.Length + tensorBytes;
        var body = exchange.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        await body.StartAsync(CancellationToken.None).ConfigureAwait(false);
        body.Writer.Write(exchange.Reply.Written.Span);
        for (var i = 0; i < outputs.Length; i++)
        {
            if (IsBinary(exchange.Call.OutputsBinary, i))
            {
                await body.Writer.WriteAsync(outputs[i].Bytes, CancellationToken.None).ConfigureAwait(false);
            }
        }

        await body.Writer.FlushAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static bool IsBinary(ulong outputs, int index) => (outputs & (1UL << index)) != 0;

    private static string Text(int length) => length < LengthTexts.Length
        ? LengthTexts[length] ??= length.ToString(CultureInfo.InvariantCulture)
        : length.ToString(CultureInfo.InvariantCulture);
}
