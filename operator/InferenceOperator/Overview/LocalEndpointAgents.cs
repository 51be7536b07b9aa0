using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Overview;

/// <summary>The agents of a local mode that runs, from its endpoint's page <c>/agents</c>.</summary>
internal static class LocalEndpointAgents
{
    private const int BytesMax = 16 << 20;

    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <param name="endpoint">Its address.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">They cannot be read.</exception>
    public static async Task<ImmutableArray<JsonObject>> ReadAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        try
        {
            using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
            using var client = new HttpClient(handler) { Timeout = AnswerMax, MaxResponseContentBufferSize = BytesMax };
            var text = await client.GetStringAsync(new Uri(endpoint, "/agents"), cancellationToken).ConfigureAwait(false);
            return JsonNode.Parse(text)?["agents"] is JsonArray agents
                ? [.. agents.OfType<JsonObject>().Select(Stored)]
                : throw new IOException($"{endpoint} is no endpoint of the local mode: it tells of no agents");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidOperationException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException($"{endpoint} does not tell of its agents; does the local mode run there (inference-operator local)? {e.Message}", e);
        }
    }

    /// <summary>The same as an API server would store it.</summary>
    private static JsonObject Stored(JsonObject page) => new()
    {
        ["apiVersion"] = ResourceNames.ApiVersion,
        ["kind"] = ResourceNames.Kind,
        ["metadata"] = new JsonObject { ["name"] = page["name"]?.DeepClone(), ["namespace"] = page["namespace"]?.DeepClone(), ["generation"] = page["generation"]?.DeepClone() },
        ["spec"] = page["spec"]?.DeepClone(),
        ["status"] = page["status"]?.DeepClone(),
    };
}
