using Microsoft.AspNetCore.Http;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>A file as an honest server has it, over connections that break. Requests come one after the other.</summary>
internal sealed class ServedFile(byte[] bytes, string? tag)
{
    /// <summary>Whether parts can be asked for.</summary>
    public bool TakesRanges { get; init; } = true;

    /// <summary>Whether the length is said.</summary>
    public bool SaysLength { get; init; } = true;

    /// <summary>Bytes after which the next answers break off; one that is not negative for each.</summary>
    public Queue<int> Cuts { get; init; } = new();

    /// <summary>Looks at each request before it is answered, and may change the file.</summary>
    public Action<ServedFile>? Before { get; init; }

    public byte[] Bytes { get; set; } = bytes;

    public string? Tag { get; set; } = tag;

    public async Task AnswerAsync(HttpContext context)
    {
        Before?.Invoke(this);
        var (request, response, from) = (context.Request, context.Response, 0L);
        if (Tag is not null)
        {
            response.Headers.ETag = Tag;
        }

        if (request.Headers.IfMatch.ToString() is { Length: > 0 } match && match != Tag)
        {
            response.StatusCode = 412;
            return;
        }

        if (TakesRanges && request.GetTypedHeaders().Range?.Ranges.Single().From is { } first && (request.Headers.IfRange.ToString() is not { Length: > 0 } condition || condition == Tag))
        {
            if (first >= Bytes.Length)
            {
                response.StatusCode = 416;
                return;
            }

            from = first;
            response.StatusCode = 206;
            response.Headers.ContentRange = $"bytes {from}-{Bytes.Length - 1}/{Bytes.Length}";
        }

        var body = Bytes.AsMemory((int)from);
        if (SaysLength)
        {
            response.ContentLength = body.Length;
        }

        if (Cuts.TryDequeue(out var cut) && cut < body.Length)
        {
            await response.Body.WriteAsync(body[..cut]);
            await response.Body.FlushAsync();
            if (!SaysLength)
            {
                // Else the connection ends in order, short of the length that was said.
                context.Abort();
            }

            return;
        }

        await response.Body.WriteAsync(body);
    }
}
