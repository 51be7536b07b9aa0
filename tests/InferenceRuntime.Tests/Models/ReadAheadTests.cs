using InferenceRuntime.Models;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Models;

public sealed class ReadAheadTests(ITestOutputHelper output) : IDisposable
{
    private const long Rate = 4L << 20;

    private readonly RepositoryFiles _files = new();
    private readonly SimulatedClock _clock = new();

    public void Dispose() => _files.Dispose();

    private ModelVersion Version(int modelBytes, int weightBytes)
    {
        var path = _files.Write("a", "1", new byte[modelBytes]);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "a.weights"), new byte[weightBytes]);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(path)!, "empty"), []);
        return new ModelVersion(1, path);
    }

    private async Task<long> ReadAsync(IReadOnlyList<(string Path, long Bytes)> files)
    {
        var read = new ReadAhead(Rate, _clock).ReadAsync(files, CancellationToken.None);
        while (!read.IsCompleted)
        {
            if (!_clock.AdvanceToNextTimer())
            {
                await Task.Yield();
            }
        }

        return await read;
    }

    [Fact]
    public async Task Files_are_read_in_the_time_that_the_rate_gives_and_no_faster()
    {
        var files = ReadAhead.Files(Version(modelBytes: 3 << 20, weightBytes: (5 << 20) + 1));
        var startedAt = _clock.GetUtcNow();

        Assert.Equal(["model.onnx", "a.weights"], files.Select(static f => Path.GetFileName(f.Path)));
        Assert.Equal((8L << 20) + 1, await ReadAsync(files));

        Assert.InRange(_clock.GetUtcNow() - startedAt, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.01));
    }

    [Fact]
    public async Task A_file_that_has_become_shorter_or_longer_is_read_as_far_as_it_was_long()
    {
        var path = Version(modelBytes: 1000, weightBytes: 1).Path;

        Assert.Equal(1000, await ReadAsync([(path, 5000)]));
        Assert.Equal(10, await ReadAsync([(path, 10)]));
    }

    [Fact]
    public async Task Reading_ends_when_it_is_given_up()
    {
        var files = ReadAhead.Files(Version(modelBytes: 3 << 20, weightBytes: 1));
        using var end = new CancellationTokenSource();
        var read = new ReadAhead(Rate, _clock).ReadAsync(files, end.Token);

        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task What_was_read_is_in_the_page_cache()
    {
        var files = ReadAhead.Files(Version(modelBytes: 3 << 20, weightBytes: 5 << 20));
        foreach (var (path, _) in files)
        {
            PageCache.Forget(path);
        }

        var before = files.Sum(static f => PageCache.Of(f.Path).Resident);
        await ReadAsync(files);

        // A file system in memory forgets nothing. Afterwards nearly all is there everywhere: the system may take single pages back at any time.
        output.WriteLine($"{before} pages before, {files.Sum(static f => PageCache.Of(f.Path).Resident)} after");
        Assert.All(files, static f =>
        {
            var (resident, pages) = PageCache.Of(f.Path);
            Assert.InRange(resident, 0.9 * pages, pages);
        });
    }

    [Theory]
    [InlineData("MemTotal:        8000000 kB\nMemAvailable:    4000000 kB\nCached:  1 kB", 4_096_000_000)]
    [InlineData("MemTotal:        8000000 kB", long.MaxValue)]
    [InlineData("MemAvailable:    many kB", long.MaxValue)]
    public void The_memory_that_is_available_is_what_the_system_says(string text, long bytes) => Assert.Equal(bytes, FreeMemory.Available(text.Split('\n')));

    [Fact]
    public void Some_memory_of_this_machine_is_free() => Assert.InRange(FreeMemory.Bytes(), 1, 1L << 60);
}
