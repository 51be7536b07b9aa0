using System.Net.Http.Headers;
using System.Text.Json;
using InferenceRuntime.Grpc;
using InferenceRuntime.Grpc.Messages;

namespace InferenceRuntime.Load;

/// <summary>What a server says of the input that requests are made for (<c>GET /v2/models/NAME</c>).</summary>
/// <param name="Input">Name of the model's only input.</param>
/// <param name="Datatype">Its wire datatype.</param>
/// <param name="RowShape">Its dimensions without the batch axis; a variable one counts as 1.</param>
internal sealed record ServedModelFacts(string Input, string Datatype, long[] RowShape)
{
    /// <summary>Elements of one row.</summary>
    public long RowElements => RowShape.Aggregate(1L, static (product, dimension) => checked(product * dimension));

    /// <summary>Asks the server's gRPC port.</summary>
    /// <exception cref="InvalidOperationException">It does not serve the model, or the model has more than one input.</exception>
    /// <exception cref="IOException">It does not answer.</exception>
    public static async Task<ServedModelFacts> ReadGrpcAsync(Uri server, string model, CancellationToken cancellationToken)
    {
        using var invoker = GrpcConnection.Invoker();
        using var connection = new GrpcConnection(invoker, server, GrpcMethods.MetadataPath);
        var (status, reply) = await connection.CallAsync(RequestBytes.Frame(new ModelMetadataRequest { Name = model }), cancellationToken);
        if (status != 200)
        {
            throw new InvalidOperationException($"{server} answered ModelMetadata of {model} with gRPC status {status}");
        }

        var inputs = ModelMetadataResponse.Parser.ParseFrom(reply.Span).Inputs;
        return inputs.Count == 1
            ? new ServedModelFacts(inputs[0].Name, inputs[0].Datatype, [.. inputs[0].Shape.Skip(1).Select(static dimension => Math.Max(1, dimension))])
            : throw new InvalidOperationException($"{model} has {inputs.Count} inputs; load is made for models with one");
    }

    /// <summary>Asks the server.</summary>
    /// <exception cref="InvalidOperationException">It does not serve the model, or the model has more than one input.</exception>
    public static async Task<ServedModelFacts> ReadAsync(Uri server, string model, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, $"/v2/models/{Uri.EscapeDataString(model)}"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        using var reply = await client.SendAsync(request, cancellationToken);
        var body = await reply.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!reply.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{request.RequestUri} answered {(int)reply.StatusCode}");
        }

        using var document = JsonDocument.Parse(body);
        var inputs = document.RootElement.GetProperty("inputs");
        if (inputs.GetArrayLength() != 1)
        {
            throw new InvalidOperationException($"{model} has {inputs.GetArrayLength()} inputs; load is made for models with one");
        }

        var input = inputs[0];
        long[] shape = [.. input.GetProperty("shape").EnumerateArray().Skip(1).Select(static dimension => Math.Max(1, dimension.GetInt64()))];
        return new ServedModelFacts(input.GetProperty("name").GetString()!, input.GetProperty("datatype").GetString()!, shape);
    }
}
