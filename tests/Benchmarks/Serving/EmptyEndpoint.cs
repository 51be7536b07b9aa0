using System.CommandLine;
using System.Net;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// The protocol's floor: Kestrel alone, which reads each request's body to its end and answers with bytes that the real server
/// answered before. Runs as a process of its own so that it can be pinned to the server's core.
/// </summary>
internal static class EmptyEndpoint
{
    public static Command Command()
    {
        var metadata = new Option<FileInfo>("--metadata") { Required = true };
        var reply = new Option<FileInfo>("--reply") { Required = true };
        var headerLength = new Option<string?>("--header-length");
        var command = new Command("empty-endpoint", "Kestrel that reads requests and answers with fixed bytes.") { metadata, reply, headerLength };
        command.Hidden = true;
        command.SetAction((arguments, cancellationToken) => ServeAsync(
            File.ReadAllBytes(arguments.GetRequiredValue(metadata).FullName),
            File.ReadAllBytes(arguments.GetRequiredValue(reply).FullName),
            arguments.GetValue(headerLength),
            cancellationToken));
        return command;
    }

    private static async Task ServeAsync(byte[] metadata, byte[] reply, string? headerLength, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        app.Run(async context =>
        {
            if (HttpMethods.IsGet(context.Request.Method))
            {
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = metadata.Length;
                await context.Response.BodyWriter.WriteAsync(metadata, context.RequestAborted);
                return;
            }

            var body = context.Request.BodyReader;
            while (true)
            {
                var read = await body.ReadAsync(context.RequestAborted);
                body.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            context.Response.ContentType = headerLength is null ? "application/json" : "application/octet-stream";
            if (headerLength is not null)
            {
                context.Response.Headers["Inference-Header-Content-Length"] = headerLength;
            }

            context.Response.ContentLength = reply.Length;
            await context.Response.BodyWriter.WriteAsync(reply, context.RequestAborted);
        });

        await app.StartAsync(cancellationToken);
        Console.WriteLine(app.Urls.First());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
