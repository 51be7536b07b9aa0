using System.Globalization;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Models;

/// <summary>What an announcement is for: real sessions, and the time from the word to switch to the first answer of the new version.</summary>
public sealed class AnnouncedSwitchTests(ITestOutputHelper output) : IDisposable
{
    private const int Pairs = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly RepositoryFiles _files = new();
    private int _sessions;

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("digits-mlp.onnx")]
    [InlineData("language-transformer.onnx")]
    public async Task The_first_answer_of_an_announced_version_waits_for_no_session(string model)
    {
        var bytes = await File.ReadAllBytesAsync(Repository.File("models", model));
        _files.Write("m", "1", bytes);
        await using var repository = new FolderRepository(
            _files.Folders, new VersionLoader(LoadAsync, static engine => engine), new AheadOptions(), static _ => { }, new RuntimeSettings(), TimeProvider.System, NullLogger<FolderRepository>.Instance);
        Assert.Null(await repository.StartAsync(CancellationToken.None));
        List<TimeSpan> announced = [];
        List<TimeSpan> plain = [];
        for (var version = 2; version <= 1 + (2 * Pairs); version++)
        {
            var text = version.ToString(CultureInfo.InvariantCulture);
            if (version % 2 == 0)
            {
                _files.Write("m", text, bytes);
                plain.Add(await SwitchAsync(repository, text, sessions: 1));
                continue;
            }

            var path = _files.Write("m", text, bytes, serveFrom: "");
            Assert.IsType<RepositoryChange.Done>(await repository.LoadAsync("m", CancellationToken.None).AsTask().WaitAsync(Patience));
            await Assert.Single(repository.Announced).Announcement.Prepared.WaitAsync(Patience);
            File.Delete(Path.Combine(Path.GetDirectoryName(path)!, ServeFrom.FileName));
            announced.Add(await SwitchAsync(repository, text, sessions: 0));
        }

        output.WriteLine($"{model}: announced {Milliseconds(announced)} ms, not announced {Milliseconds(plain)} ms, ratio of the medians {Median(plain) / Median(announced):F0}");
        Assert.True(Median(announced) < Median(plain), $"announced {Milliseconds(announced)} ms, not announced {Milliseconds(plain)} ms");
    }

    private async Task<ModelLoad> LoadAsync(string name, ModelVersion version, RuntimeSettings settings, CancellationToken cancellationToken)
    {
        _sessions++;
        return await OnnxEngine.LoadAsync(
            new EngineOptions { ModelPath = version.Path, Name = name, Version = version.Text, Settings = settings }, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
    }

    private async Task<TimeSpan> SwitchAsync(FolderRepository repository, string version, int sessions)
    {
        var before = _sessions;
        var startedAt = TimeProvider.System.GetTimestamp();
        Assert.IsType<RepositoryChange.Done>(await repository.LoadAsync("m", CancellationToken.None).AsTask().WaitAsync(Patience));
        var engine = Assert.IsType<ModelLookup.Found>(repository.Find("m", "")).Engine;
        var request = TrialRequest.Of(engine.Signature, rows: 1, firstRow: 0)!; // The models' inputs are small.
        var answer = Assert.IsType<InferenceOutcome.Answered>(await engine.InferAsync(request, CancellationToken.None).AsTask().WaitAsync(Patience));
        var took = TimeProvider.System.GetElapsedTime(startedAt);
        answer.Release?.Invoke();
        Assert.Equal((version, sessions), (engine.Signature.Version, _sessions - before));
        return took;
    }

    private static double Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2).TotalMilliseconds;

    private static string Milliseconds(List<TimeSpan> times) => string.Join(' ', times.Select(static t => t.TotalMilliseconds.ToString("F1", CultureInfo.InvariantCulture)));
}
