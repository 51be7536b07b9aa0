namespace InferenceRuntime.Transport;

/// <summary>Finds routes of Open Inference Protocol v2. Immutable.</summary>
/// <param name="model">Name of the model that is served.</param>
/// <param name="version">Its version.</param>
internal sealed class RestRoutes(string model, string version)
{
    private const string Models = "/v2/models/";

    private readonly string _infer = $"{Models}{model}/infer";
    private readonly string _inferVersion = $"{Models}{model}/versions/{version}/infer";

    /// <summary>The route of a decoded path. The path of inference costs one comparison.</summary>
    public RestRoute Find(string path) =>
        path == _infer || path == _inferVersion ? RestRoute.Infer : FindOther(path);

    private RestRoute FindOther(string path) => path switch
    {
        "/v2" or "/v2/" => RestRoute.Server,
        "/v2/health/live" => RestRoute.Live,
        "/v2/health/ready" => RestRoute.Ready,
        _ when path.StartsWith(Models, StringComparison.Ordinal) => FindModel(path.AsSpan(Models.Length)),
        _ => RestRoute.Unknown,
    };

    private RestRoute FindModel(ReadOnlySpan<char> rest)
    {
        var name = TakeSegment(ref rest);
        var verb = TakeSegment(ref rest);
        var versionMatches = true;
        if (verb is "versions")
        {
            versionMatches = TakeSegment(ref rest).SequenceEqual(version);
            verb = TakeSegment(ref rest);
        }

        var route = verb switch
        {
            "" => RestRoute.Model,
            "ready" => RestRoute.ModelReady,
            "infer" => RestRoute.Infer,
            _ => RestRoute.Unknown,
        };
        if (route == RestRoute.Unknown || !rest.IsEmpty || name.IsEmpty)
        {
            return RestRoute.Unknown;
        }

        return !name.SequenceEqual(model) ? RestRoute.UnknownModel : versionMatches ? route : RestRoute.UnknownVersion;
    }

    private static ReadOnlySpan<char> TakeSegment(ref ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? [] : rest[(slash + 1)..];
        return segment;
    }
}
