using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Caching;
using InferenceOperator.Kubernetes.Configuration;
using InferenceOperator.Kubernetes.Tests.Kit;
using InferenceOperator.Testing.Simulated;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace InferenceOperator.Kubernetes.Tests.Caching;

/// <summary>Watches of a simulated API server that go wrong in every way that the contract allows, in any order.</summary>
public sealed class WatchPropertyTests(ITestOutputHelper output)
{
    /// <summary>Its name among the simulations.</summary>
    internal const string Simulation = "watches";

    private const int Cases = 500;

    private static readonly ApiType ConfigMaps = new("", "v1", "configmaps", "ConfigMap");

    [Fact]
    public Task Whatever_happens_to_watches_the_copy_comes_to_be_what_the_server_has_and_no_change_is_lost_or_told_twice() =>
        SimulationProcess.RunAsync(typeof(WatchPropertyTests).Assembly, Simulation, output);

    internal static async Task SimulateAsync(ITestOutputHelper output)
    {
        var (cuts, lists, refusals, told) = (0L, 0L, 0L, 0L);
        var cases = await new FuzzRun(output, Simulation) { TimeMax = TimeSpan.FromMinutes(2) }.RunAsync(Cases, atOnce: 1, async random =>
        {
            var world = new World(random);
            await world.LiveAsync();
            (cuts, lists, refusals, told) = (cuts + world.Cuts, lists + world.Lists.Count, refusals + world.Refusals, told + world.Changes.Count);
        });
        output.WriteLine($"{told} changes were told; {cuts} times all watches were cut, {lists} lists, {refusals} requests refused or lost");
        Assert.True(cases < Cases || (cuts > Cases && lists > 2 * Cases && refusals > Cases / 2 && told > 10 * Cases));
    }

    /// <summary>One server, one copy of a selection of its objects, and everything that happens to both.</summary>
    private sealed class World
    {
        private const string Namespace = "a";
        private const string Selector = "group=x";

        private readonly Random _random;
        private readonly Timeline _time = new();
        private readonly SimulatedApi _api;
        private readonly SimulatedApiServer _server;
        private readonly ChangeLog _log = new();
        private double _trouble = 0.1;

        public World(Random random)
        {
            _random = random;
            _api = new SimulatedApi(_time.Clock, [ConfigMaps]) { Committed = Take };
            _server = new SimulatedApiServer(_api, _time.Clock) { Habits = Habits, ExpiresInStream = random.Next(2) == 0 };
        }

        public int Cuts { get; private set; }

        public int Refusals { get; private set; }

        /// <summary>How many changes were told before the answer to each list, and of which version that was.</summary>
        public List<(int Before, long Version)> Lists { get; } = [];

        public IReadOnlyList<ObjectChange<JsonObject>> Changes => _log.Changes;

        /// <summary>What happened to the selection: the object, the version, and whether it was gone from it then.</summary>
        private List<(string Name, long Version, bool IsGone)> Happened { get; } = [];

        public async Task LiveAsync()
        {
            var config = new KubernetesConfig { Server = new Uri("https://simulated.example"), Source = "simulated" };
            using var client = new KubernetesClient(config, new() { PageSize = 2, JitterSeed = _random.Next() }, new Way(this), _time.Clock, NullLoggerFactory.Instance);
            var options = new InformerOptions<JsonObject> { Scope = new() { Namespace = Namespace, LabelSelector = Selector } };
            var informer = new Informer<JsonObject>(client, Cluster.ConfigMaps, options, _log.Take, NullLogger.Instance);
            using var stop = new CancellationTokenSource();
            for (var i = _random.Next(6); i > 0; i--)
            {
                Write();
            }

            var running = informer.RunAsync(stop.Token);
            for (var i = _random.Next(20, 80); i > 0; i--)
            {
                await HappenAsync();
            }

            _trouble = 0;
            if (!await _time.RunAsync(TimeSpan.FromMinutes(5), () => Same(informer)))
            {
                throw new InvalidOperationException($"the copy is [{Text(informer.Snapshot())}] and the server has [{Text()}]; told: {Told()}");
            }

            // What is the same by chance would not stay so.
            await _time.RunAsync(TimeSpan.FromSeconds(30));
            await stop.CancelAsync();
            await _time.FinishAsync(running);
            Judge();
            if (!Same(informer))
            {
                throw new InvalidOperationException($"the copy did not stay the same: [{Text(informer.Snapshot())}] and [{Text()}]; told: {Told()}");
            }
        }

        private static string Value(JsonNode? value) => $"{(string?)value?["metadata"]?["name"]}@{(string?)value?["metadata"]?["resourceVersion"]}={(string?)value?["data"]?["value"]}";

        private async Task HappenAsync()
        {
            switch (_random.Next(12))
            {
                case 0:
                    Cuts++;
                    _server.BreakWatches();
                    break;
                case 1:
                    _api.Forget();
                    break;
                case 2:
                    Cuts++;
                    _server.BreakWatches();
                    for (var i = _random.Next(4); i > 0; i--)
                    {
                        Write();
                    }

                    _api.Forget();
                    break;
                case < 7:
                    Write();
                    break;
                default:
                    await _time.RunAsync(TimeSpan.FromSeconds(_random.Next(3) == 0 ? 8 * _random.NextDouble() : 0.2 * _random.NextDouble()));
                    break;
            }
        }

        /// <summary>Something is done to one of a few objects, of which some are in the selection and some are not.</summary>
        private void Write()
        {
            var name = $"m{_random.Next(5)}";
            var key = new ApiKey(ConfigMaps, _random.Next(6) == 0 ? "b" : Namespace, name);
            var value = _random.Next(100).ToString(CultureInfo.InvariantCulture);
            if (_api.Find(key) is null)
            {
                _api.Create(ConfigMaps, Cluster.ConfigMap(key.Namespace, name, value, _random.Next(4) == 0 ? "y" : "x"), "test");
                return;
            }

            switch (_random.Next(8))
            {
                case 0:
                    _api.Delete(key, "test");
                    break;
                case 1:
                    _api.Delete(key, "test");
                    _api.Create(ConfigMaps, Cluster.ConfigMap(key.Namespace, name, value, "x"), "test");
                    break;
                case 2:
                    _api.Patch(key, Cluster.Json($$$"""{"metadata":{"labels":{"group":"{{{(_random.Next(2) == 0 ? "x" : "y")}}}"} } }"""), "test");
                    break;
                default:
                    _api.Patch(key, Cluster.Json($$$"""{"data":{"value":"{{{value}}}"} }"""), "test");
                    break;
            }
        }

        private void Take(ObjectEvent news)
        {
            var (was, isNow) = (IsSelected(news.Before), !news.IsRemoval && IsSelected(news.After));
            if (was || isNow)
            {
                Happened.Add((news.Key.Name, news.Version, !isNow));
            }

            static bool IsSelected(StoredObject? found) => found is { Key.Namespace: Namespace } && (string?)found.Metadata["labels"]?["group"] == "x";
        }

        /// <summary>Each change that was told follows from the one before, and what was not told lies in a gap that a list made up for.</summary>
        private void Judge()
        {
            if (_log.Contradictions.Count > 0)
            {
                throw new InvalidOperationException($"{string.Join(", ", _log.Contradictions)} do not follow; told: {Told()}");
            }

            var told = Changes.Select(static change => change switch
            {
                ObjectChange<JsonObject>.Added added => (change.Key.Name, Version: Number(added.New), IsGone: false),
                ObjectChange<JsonObject>.Updated updated => (change.Key.Name, Version: Number(updated.New), IsGone: false),
                ObjectChange<JsonObject>.Deleted deleted => (change.Key.Name, Version: Number(deleted.Old), IsGone: true),
                _ => throw new System.Diagnostics.UnreachableException(),
            }).ToList();
            foreach (var twice in told.Where(static each => !each.IsGone).GroupBy(static each => (each.Name, each.Version)).Where(static all => all.Count() > 1))
            {
                throw new InvalidOperationException($"{twice.Key} was told {twice.Count()} times; told: {Told()}");
            }

            var known = told.ToHashSet();
            foreach (var happened in Happened.Where(each => !known.Contains(each)))
            {
                if (!Lists.Any(list => list.Version >= happened.Version && told.Take(list.Before).All(before => before.Version < happened.Version)))
                {
                    throw new InvalidOperationException($"{happened} was never told, nor made up for by a list; told: {Told()}");
                }
            }

            static long Number(ApiObject<JsonObject> found) => long.Parse(found.ResourceVersion, CultureInfo.InvariantCulture);
        }

        private WatchHabits Habits() => new()
        {
            Lag = () => TimeSpan.FromSeconds(_random.Next(2) == 0 ? 0 : 0.3 * _random.NextDouble()),
            Repeats = () => _random.Next(8) == 0,
            BookmarksEvery = _random.Next(2) == 0 ? TimeSpan.FromSeconds(1 + (5 * _random.NextDouble())) : null,
            CutAfter = _random.Next(3) == 0 ? TimeSpan.FromSeconds(10 * _random.NextDouble()) : null,
            CutAfterBytes = _trouble > 0 && _random.Next(3) == 0 ? _random.Next(1, 1500) : null,
        };

        private bool Same(Informer<JsonObject> informer) => informer.HasSynced && Text(informer.Snapshot()) == Text();

        private static string Text(IEnumerable<ApiObject<JsonObject>> copy) => string.Join(", ", copy.Select(static found => Value(found.Value)).Order(StringComparer.Ordinal));

        private string Text() => string.Join(", ", _api.All().Where(static found => found.Key.Namespace == Namespace && (string?)found.Metadata["labels"]?["group"] == "x").Select(static found => Value(found.Value)).Order(StringComparer.Ordinal));

        private string Told() => string.Join(", ", Changes.Select(ChangeLog.Text));

        /// <summary>The way to the server, on which requests are refused and answers are lost.</summary>
        private sealed class Way(World world) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), world._time.Clock, cancellationToken);
                var chance = world._random.NextDouble();
                if (chance < world._trouble)
                {
                    world.Refusals++;
                    return chance < world._trouble / 2
                        ? new HttpResponseMessage(HttpStatusCode.InternalServerError) { Content = new StringContent("""{"kind":"Status","reason":"InternalError","code":500}""", Encoding.UTF8, "application/json") }
                        : throw new HttpRequestException("the answer was lost");
                }

                var answer = await world._server.AnswerAsync(request, cancellationToken);
                if (answer.IsSuccessStatusCode && !request.RequestUri!.Query.Contains("watch=true", StringComparison.Ordinal))
                {
                    var list = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!; // A list.
                    world.Lists.Add((world.Changes.Count, long.Parse((string)list["metadata"]!["resourceVersion"]!, CultureInfo.InvariantCulture)));
                }

                return answer;
            }
        }
    }
}
