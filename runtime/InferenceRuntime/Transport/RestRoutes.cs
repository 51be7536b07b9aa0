using System.Collections.Concurrent;

namespace InferenceRuntime.Transport;

/// <summary>Takes paths of Open Inference Protocol v2 apart. Thread safe.</summary>
/// <remarks>Paths of models that answer are remembered, so that finding them again allocates nothing.</remarks>
internal sealed class RestRoutes
{
    /// <summary>Paths remembered; more are taken apart each time.</summary>
    public const int RememberedMax = 1024;

    private const string Models = "/v2/models/";
    private const string Repository = "/v2/repository/models/";

    private static readonly RestTarget Unknown = new(RestRoute.Unknown);
    private static readonly RestTarget Server = new(RestRoute.Server);
    private static readonly RestTarget Live = new(RestRoute.Live);
    private static readonly RestTarget Ready = new(RestRoute.Ready);
    private static readonly RestTarget AllStatistics = new(RestRoute.AllStatistics);
    private static readonly RestTarget Index = new(RestRoute.Index);

    private readonly ConcurrentDictionary<string, RestTarget> _remembered = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>What a decoded path asks for.</summary>
    public RestTarget Find(string path) => _remembered.TryGetValue(path, out var target) ? target : Parse(path);

    /// <summary>Keeps the target of a path whose model answers.</summary>
    public void Remember(string path, RestTarget target)
    {
        if (Volatile.Read(ref _count) < RememberedMax && _remembered.TryAdd(path, target))
        {
            Interlocked.Increment(ref _count);
        }
    }

    private static RestTarget Parse(string path) => path switch
    {
        "/v2" or "/v2/" => Server,
        "/v2/health/live" => Live,
        "/v2/health/ready" => Ready,
        "/v2/models/stats" => AllStatistics,
        "/v2/repository/index" => Index,
        _ when path.StartsWith(Models, StringComparison.Ordinal) => ParseModel(path.AsSpan(Models.Length)),
        _ when path.StartsWith(Repository, StringComparison.Ordinal) => ParseChange(path.AsSpan(Repository.Length)),
        _ => Unknown,
    };

    private static RestTarget ParseModel(ReadOnlySpan<char> rest)
    {
        var name = TakeSegment(ref rest);
        var verb = TakeSegment(ref rest);
        var version = ReadOnlySpan<char>.Empty;
        if (verb is "versions")
        {
            version = TakeSegment(ref rest);
            verb = TakeSegment(ref rest);
            if (version.IsEmpty)
            {
                return Unknown;
            }
        }

        var route = verb switch
        {
            "" => RestRoute.Model,
            "ready" => RestRoute.ModelReady,
            "config" => RestRoute.ModelConfig,
            "stats" => RestRoute.ModelStatistics,
            "infer" => RestRoute.Infer,
            _ => RestRoute.Unknown,
        };
        return route == RestRoute.Unknown || !rest.IsEmpty || name.IsEmpty ? Unknown : new RestTarget(route, name.ToString(), version.ToString());
    }

    private static RestTarget ParseChange(ReadOnlySpan<char> rest)
    {
        var name = TakeSegment(ref rest);
        var route = TakeSegment(ref rest) switch
        {
            "load" => RestRoute.Load,
            "unload" => RestRoute.Unload,
            _ => RestRoute.Unknown,
        };
        return route == RestRoute.Unknown || !rest.IsEmpty || name.IsEmpty ? Unknown : new RestTarget(route, name.ToString());
    }

    private static ReadOnlySpan<char> TakeSegment(scoped ref ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        var segment = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? [] : rest[(slash + 1)..];
        return segment;
    }
}
