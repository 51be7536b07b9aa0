using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using InferenceRuntime.Contract;
using InferenceRuntime.Transport.Parsing;
using Microsoft.AspNetCore.Http.Features;

namespace InferenceRuntime.Transport;

/// <summary>Sends whole replies of known length.</summary>
internal static class HttpReply
{
    public const string Json = "application/json";

    // Quotes in errors stay readable: the replies are JSON, never part of a page.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Sends a reply; the task completes when the bytes have been handed to the socket's queue.</summary>
    /// <param name="features">The exchange; nothing has been sent on it.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="contentType">Type of the body.</param>
    /// <param name="body">The whole body.</param>
    public static async Task SendAsync(IFeatureCollection features, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = status;
        response.Headers.ContentType = contentType;
        response.Headers.ContentLength = body.Length;
        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(body, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Sends an <see cref="ErrorReply"/>.</summary>
    public static Task RefuseAsync(IFeatureCollection features, RequestFault fault)
    {
        var body = new PooledBuffer();
        using (var json = new Utf8JsonWriter(body, Readable))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, fault.Message);
            json.WriteEndObject();
        }

        return SendAndClearAsync(features, fault.Status, body);
    }

    private static async Task SendAndClearAsync(IFeatureCollection features, int status, PooledBuffer body)
    {
        try
        {
            await SendAsync(features, status, Json, body.Written).ConfigureAwait(false);
        }
        finally
        {
            body.Clear();
        }
    }

    /// <summary>Refuses a verb and names the ones there are.</summary>
    public static Task RefuseVerbAsync(IFeatureCollection features, string allowed)
    {
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.Allow = allowed;
        return RefuseAsync(features, new RequestFault(StatusCodes.Status405MethodNotAllowed, $"only {allowed} is answered here"));
    }

    /// <summary>
    /// Cuts the connection of a client that has gone away. Left alone, the server would end the exchange with an empty 200, which a client that
    /// had only closed its sending side could read as an answer.
    /// </summary>
    public static void Abort(IFeatureCollection features) => features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();

    /// <summary>Has the connection closed after the reply, so that its client connects anew, elsewhere where it can.</summary>
    public static void CloseAfter(IFeatureCollection features) =>
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.Connection = "close";

    /// <summary>Tells the client when to come again: whole seconds, at least one.</summary>
    public static void RetryAfter(IFeatureCollection features, TimeSpan time)
    {
        var seconds = Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 3600);
        features.GetRequiredFeature<IHttpResponseFeature>().Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }
}
