using System.Collections.Concurrent;
using System.Globalization;

namespace InferenceOperator.Cluster.Reporting;

/// <summary>Counts the requests to the API server by method and status code; sits in front of the connections.</summary>
/// <remarks>Bounded: methods and codes are few; no answer counts as code 0. Thread safe.</remarks>
internal sealed class ApiRequestCounts(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly ConcurrentDictionary<(string Verb, string Code), long> _counts = new();

    /// <summary>Requests so far by verb (<c>get</c>, <c>post</c>, <c>patch</c>, <c>delete</c>) and code.</summary>
    public IReadOnlyDictionary<(string Verb, string Code), long> Counts => _counts;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var code = "0";
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            code = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return response;
        }
        finally
        {
            var verb = request.Method.Method switch { "GET" => "get", "POST" => "post", "PATCH" => "patch", "DELETE" => "delete", _ => "other" };
            _counts.AddOrUpdate((verb, code), 1, static (_, count) => count + 1);
        }
    }
}
