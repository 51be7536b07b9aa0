using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.ComponentModel;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Local.Replicas;

/// <summary>Brings models that lie on servers to this machine, in the background and by <c>inference-runtime fetch</c>, one process for an agent.</summary>
/// <remarks>What is brought lies in the state folder under <c>models</c>, for all agents together. Thread safe.</remarks>
/// <param name="host">How the program is started.</param>
/// <param name="secrets">Folder with a folder of files for each Secret; null: there is none.</param>
/// <param name="sources">What is not public and may give models all the same.</param>
/// <param name="changed">Hears the key of an agent whose models were brought or could not be; on any thread.</param>
internal sealed class ModelFetches(ReplicaHost host, string? secrets, ImmutableArray<string> sources, Action<string> changed)
{
    private const int ModelRefusedCode = 3;

    private readonly ConcurrentDictionary<string, Fetch> _fetches = new(StringComparer.Ordinal);

    /// <summary>How far an agent's models have come; begins to bring them when they are others than before.</summary>
    /// <returns>Null: none has to be brought.</returns>
    public FetchState? Look(InferenceAgent agent)
    {
        var models = Models(agent.Spec).ToImmutableArray();
        if (models.IsEmpty)
        {
            _ = EndAsync(agent.Key()); // Nobody waits for what is no longer wanted.
            return null;
        }

        if (models.FirstOrDefault(model => model.Model.Auth is not null && secrets is null).Field is { } field)
        {
            return new FetchState.Failed($"{field}.auth: name the folder of the Secrets' files with --secrets, one folder for each Secret", IsRefusal: true);
        }

        var arguments = Arguments(agent, models);
        if (!_fetches.TryGetValue(agent.Key(), out var fetch) || !fetch.Arguments.SequenceEqual(arguments))
        {
            var former = EndAsync(agent.Key());
            fetch = new Fetch(arguments, Folder("links", agent), [.. models.Select(static model => model.Name)], host, () => changed(agent.Key()));
            _fetches[agent.Key()] = fetch;
            fetch.Begin(former);
        }

        return fetch.State;
    }

    /// <summary>Stops bringing an agent's models, and waits for the end of the process that does; what is there stays.</summary>
    public Task EndAsync(string agent)
    {
        if (!_fetches.TryRemove(agent, out var fetch))
        {
            return Task.CompletedTask;
        }

        fetch.End();
        return fetch.Ended;
    }

    private static IEnumerable<(string Field, string Name, ModelSpec Model)> Models(AgentSpec spec) =>
        (spec.Variants ?? []).Select(static (variant, i) => ($"spec.variants[{i}].model", variant.Name, variant.Model)).Prepend(("spec.model", VariantShares.Full, spec.Model))
            .Where(static model => ModelLocation.Parse(model.Item3.Uri).IsFetched);

    private string Folder(string kind, InferenceAgent agent) => Path.Combine(host.StateFolder, "models", kind, $"{agent.Metadata.Namespace}.{agent.Metadata.Name}");

    private ImmutableArray<string> Arguments(InferenceAgent agent, IEnumerable<(string Field, string Name, ModelSpec Model)> models) =>
    [
        "fetch",
        .. models.SelectMany(model => (string[])
        [
            "--model", $"{model.Name}={model.Model.Uri}",
            .. model.Model.Sha256 is { } pin ? (string[])["--sha256", $"{model.Name}={pin}"] : [],
            .. (model.Model.Data ?? []).SelectMany(file => (string[])["--data-sha256", $"{model.Name}/{file.Path}={file.Sha256}"]),
            .. model.Model.Auth is { } auth ? (string[])["--access", $"{model.Name}={Path.Combine(secrets!, auth.SecretName)}"] : [], // Looked at before.
        ]),
        "--store", Path.Combine(host.StateFolder, "models", "store"),
        "--links", Folder("links", agent),
        "--writer", agent.Metadata.Name,
        "--max-model-bytes", agent.Spec.Store.Size,
        "--max-store-bytes", agent.Spec.Store.Size,
        .. agent.Spec.Store.RemoveUnusedAfterDays is { } days ? (string[])["--remove-unused-days", $"{days}"] : [],
        .. sources.SelectMany(static source => (string[])["--allow-source", source]),
        "--termination-log", Folder("ends", agent),
    ];

    /// <summary>The bringing of one set of models, tried until it is done or ended.</summary>
    private sealed class Fetch(ImmutableArray<string> arguments, string links, ImmutableArray<string> names, ReplicaHost host, Action changed)
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly RestartBackoff _backoff = new();
        private volatile FetchState _state = new FetchState.Underway("its model is being fetched");

        public ImmutableArray<string> Arguments => arguments;

        public FetchState State => _state;

        /// <summary>Completes when its process is gone.</summary>
        public Task Ended { get; private set; } = Task.CompletedTask;

        private string Termination => arguments[^1];

        /// <param name="former">What has to end first, since it writes under the same name.</param>
        public void Begin(Task former) => Ended = RunAsync(former);

        public void End() => _end.TrySetResult();

        private async Task RunAsync(Task former)
        {
            await Task.Yield(); // Whoever looks does not wait for a process to start.
            await former.ConfigureAwait(false);
            while (!_end.Task.IsCompleted)
            {
                var state = await TryAsync().ConfigureAwait(false);
                if (_end.Task.IsCompleted)
                {
                    return;
                }

                _state = state;
                changed();
                if (state is FetchState.Brought)
                {
                    return;
                }

                host.Logger.ModelNotFetched(string.Join(", ", names), ((FetchState.Failed)state).Reason);
                await Task.WhenAny(Task.Delay(_backoff.After(TimeSpan.Zero), host.Time, CancellationToken.None), _end.Task).ConfigureAwait(false);
            }
        }

        private async Task<FetchState> TryAsync()
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Termination)!); // Below the state folder.
                File.Delete(Termination);
                using var process = await host.Spawner.StartAsync(new ChildCommand(host.Runtime.Program, [.. host.Runtime.Arguments, .. arguments], host.StateFolder, Hear)).ConfigureAwait(false);
                await Task.WhenAny(process.Exited, _end.Task).ConfigureAwait(false);
                process.Terminate();
                await process.Exited.WaitAsync(host.Times.EndMax, host.Time, CancellationToken.None).SwallowTimeout().ConfigureAwait(false);
                process.Kill();
                var code = await process.Exited.ConfigureAwait(false);
                return code == 0
                    ? new FetchState.Brought(names.ToImmutableDictionary(static name => name, PathOf, StringComparer.Ordinal))
                    : new FetchState.Failed(File.Exists(Termination) ? await File.ReadAllTextAsync(Termination, CancellationToken.None).ConfigureAwait(false) : $"inference-runtime fetch ended with code {code}", code == ModelRefusedCode);
            }
            catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
            {
                return new FetchState.Failed($"inference-runtime fetch cannot be started: {exception.Message}", IsRefusal: false);
            }
        }

        // Without the link, so that another version is another path.
        private string PathOf(string name)
        {
            var link = Path.Combine(links, name);
            return Path.Combine(Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link, "model.onnx");
        }

        private void Hear(string line)
        {
            host.Output.Append(System.Text.Encoding.UTF8.GetBytes($"fetch | {line}"));
            const string mark = "Fetching ";
            if (line.IndexOf(mark, StringComparison.Ordinal) is var at and >= 0 && line.Contains(" % of ", StringComparison.Ordinal))
            {
                _state = new FetchState.Underway($"its model is being fetched: {line[(at + mark.Length)..]}");
            }
        }
    }
}
