using InferenceRuntime.Contract;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Observability;
using InferenceRuntime.Settings;
using InferenceRuntime.Tests.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace InferenceRuntime.Tests.Admin;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly EchoEngine _engine = new(EchoEngine.Model(batched: true, ("x", Datatype.Fp32, [-1])));
    private readonly SettingsInForce _settings;
    private readonly SettingsFile _file;

    public SettingsFileTests()
    {
        File.WriteAllText(_path, "{}");
        _settings = new SettingsInForce(_engine, new RequestMetrics(slo: null), NullLogger<SettingsInForce>.Instance);
        _file = new SettingsFile(_path, "{}"u8.ToArray(), _settings, TimeProvider.System, NullLogger<SettingsFile>.Instance);
    }

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_changed_file_comes_in_force()
    {
        await LookAtAsync("""{"batching":{"maxSize":5}}""");

        Assert.Equal(5, _engine.Settings.Batching.MaxSize);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"batching":{"maxSize":0}}""")]
    [InlineData("")]
    public async Task A_bad_file_leaves_the_last_good_settings(string content)
    {
        await LookAtAsync("""{"batching":{"maxSize":5}}""");
        await LookAtAsync(content);

        Assert.Equal(5, _engine.Settings.Batching.MaxSize);
    }

    [Fact]
    public async Task A_file_that_is_gone_leaves_the_last_good_settings()
    {
        await LookAtAsync("""{"batching":{"maxSize":5}}""");
        File.Delete(_path);
        await _file.LookAsync(CancellationToken.None);

        Assert.Equal(5, _engine.Settings.Batching.MaxSize);
    }

    [Fact]
    public async Task What_the_admin_port_set_stays_until_the_file_says_something_new()
    {
        _settings.Apply(new RuntimeSettings { Batching = new BatchingSettings { MaxSize = 9 } }, "a test");

        await LookAtAsync("{}");
        Assert.Equal(9, _engine.Settings.Batching.MaxSize);

        await LookAtAsync("{ }");
        Assert.Equal(32, _engine.Settings.Batching.MaxSize);
    }

    private async Task LookAtAsync(string content)
    {
        await File.WriteAllTextAsync(_path, content);
        await _file.LookAsync(CancellationToken.None);
    }
}
