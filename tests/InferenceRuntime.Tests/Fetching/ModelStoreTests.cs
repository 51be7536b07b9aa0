using InferenceRuntime.Fetching;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>The store under several writers, little room, and hands that meddle with it.</summary>
public sealed class ModelStoreTests
{
    private const string Tag = "\"one\"";

    [Fact]
    public async Task Of_several_writers_one_is_first_and_all_have_the_model()
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        var together = new Barrier(6);
        await using var server = await FileServer.StartAsync(async context =>
        {
            await Task.Run(() => together.SignalAndWait(TimeSpan.FromSeconds(30)));
            await new ServedFile(model, Tag).AnswerAsync(context);
        });

        var access = fetch.Access(server);
        var entries = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => fetch.FetchAsync(server, server.Url("/m.onnx"), FetchTests.Sha256(model), access, $"w{i}")));

        Assert.Single(entries.Distinct());
        Assert.Equal(model, fetch.Stored(entries[0]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(fetch.StoreFolder, "partial")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_entry_is_never_used_and_fetched_again(bool pinned)
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(_ => new ServedFile(model, Tag).AnswerAsync(_));
        var pin = pinned ? FetchTests.Sha256(model) : null;
        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"), pin);
        var damaged = (byte[])model.Clone();
        damaged[3] ^= 1;
        File.WriteAllBytes(Path.Combine(fetch.StoreFolder, "models", entry, "model.onnx"), damaged);

        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/m.onnx"), pin));
        Assert.Equal(model, fetch.Stored(entry));
    }

    [Fact]
    public async Task A_description_that_fits_a_forged_file_does_not_make_it_the_pinned_one()
    {
        using var fetch = new FetchUnderTest();
        var (model, forged) = (FetchUnderTest.Model(), FetchUnderTest.Model(9));
        await using var server = await FileServer.StartAsync(context => new ServedFile(model, Tag).AnswerAsync(context));
        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"), FetchTests.Sha256(model));
        var folder = Path.Combine(fetch.StoreFolder, "models", entry);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), forged);
        File.WriteAllText(Path.Combine(folder, "entry.json"), File.ReadAllText(Path.Combine(folder, "entry.json"))
            .Replace(FetchTests.Sha256(model), FetchTests.Sha256(forged), StringComparison.Ordinal).Replace($"\"bytes\":{model.Length}", $"\"bytes\":{forged.Length}", StringComparison.Ordinal));

        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/m.onnx"), FetchTests.Sha256(model)));
        Assert.Equal(model, fetch.Stored(entry));
    }

    [Theory]
    [InlineData("model.onnx")]
    [InlineData("")]
    public async Task Nothing_follows_a_link_in_the_store(string linked)
    {
        using var fetch = new FetchUnderTest();
        var model = FetchUnderTest.Model();
        await using var server = await FileServer.StartAsync(context => new ServedFile(model, Tag).AnswerAsync(context));
        var entry = await fetch.FetchAsync(server, server.Url("/m.onnx"));
        var place = Path.Combine(fetch.StoreFolder, "models", entry, linked).TrimEnd('/');
        var outside = Directory.CreateTempSubdirectory("outside").FullName;
        var target = Path.Combine(outside, "target");
        Directory.Move(place, target);
        File.CreateSymbolicLink(place, target);

        Assert.Equal(entry, await fetch.FetchAsync(server, server.Url("/m.onnx")));

        Assert.Null(new FileInfo(Path.Combine(fetch.StoreFolder, "models", entry)).LinkTarget);
        Assert.Null(new FileInfo(Path.Combine(fetch.StoreFolder, "models", entry, "model.onnx")).LinkTarget);
        Assert.True(Path.Exists(target));
        Directory.Delete(outside, recursive: true);
    }

    [Fact]
    public async Task A_full_store_refuses_and_says_so()
    {
        using var fetch = new FetchUnderTest { StoreBytesMax = FetchUnderTest.Model().Length + 10 };
        await using var server = await FileServer.StartAsync(context => new ServedFile(FetchUnderTest.Model(context.Request.Path == "/a" ? 3 : 7), Tag).AnswerAsync(context));
        var first = await fetch.FetchAsync(server, server.Url("/a"));

        var fault = await fetch.FailAsync(server, server.Url("/b"));

        Assert.Equal(FetchFault.NoSpace, fault.Fault);
        Assert.Contains("nothing is removed from it", fault.Message, StringComparison.Ordinal);
        Assert.Equal([first], fetch.Entries());
    }

    [Fact]
    public async Task Where_it_may_a_full_store_gives_up_what_was_not_asked_for_the_longest()
    {
        var clock = new SimulatedClock();
        using var fetch = new FetchUnderTest { StoreBytesMax = (2 * FetchUnderTest.Model().Length) + 10, EvictAfter = TimeSpan.FromHours(720), Clock = clock };
        await using var server = await FileServer.StartAsync(context => new ServedFile(FetchUnderTest.Model(context.Request.Path.Value![1]), Tag).AnswerAsync(context));
        var a = await fetch.FetchAsync(server, server.Url("/a"));
        clock.Advance(TimeSpan.FromHours(100));
        var b = await fetch.FetchAsync(server, server.Url("/b"));
        clock.Advance(TimeSpan.FromHours(700));
        await fetch.FetchAsync(server, server.Url("/a"));
        Assert.Equal(FetchFault.NoSpace, (await fetch.FailAsync(server, server.Url("/c"))).Fault);
        clock.Advance(TimeSpan.FromHours(30));

        var c = await fetch.FetchAsync(server, server.Url("/c"));

        Assert.Equal(new[] { a, c }.Order(StringComparer.Ordinal), fetch.Entries());
        Assert.DoesNotContain(b, fetch.Entries());
    }

    [Fact]
    public async Task What_others_left_long_ago_is_removed_and_what_is_new_stays()
    {
        var clock = new SimulatedClock();
        using var fetch = new FetchUnderTest { Clock = clock };
        await using var server = await FileServer.StartAsync(context => new ServedFile(FetchUnderTest.Model(), Tag).AnswerAsync(context));
        var (old, young) = (Left("gone-full", -25), Left("busy-full", -23));

        await fetch.FetchAsync(server, server.Url("/m.onnx"));

        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(young));

        string Left(string name, int hours)
        {
            var folder = Directory.CreateDirectory(Path.Combine(fetch.StoreFolder, "partial", name)).FullName;
            File.WriteAllText(Path.Combine(folder, "x.part"), "x");
            File.SetLastWriteTimeUtc(Path.Combine(folder, "x.part"), clock.GetUtcNow().AddHours(hours).UtcDateTime);
            Directory.SetLastWriteTimeUtc(folder, clock.GetUtcNow().AddHours(hours).UtcDateTime);
            return folder;
        }
    }
}
