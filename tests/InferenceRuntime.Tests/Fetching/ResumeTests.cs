using InferenceRuntime.Fetching;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Fetching;

/// <summary>Whatever happens to connections, processes and the file at its source: what is stored is one version of the file, whole.</summary>
public sealed class ResumeTests(ITestOutputHelper output)
{
    [Fact]
    public Task Any_sequence_of_cuts_gives_the_same_bytes_or_an_error() => TryAllAsync("resume", async random =>
    {
        var versions = Enumerable.Range(0, 3).Select(_ => FetchUnderTest.Model(random.Next(1, 1_000_000))).ToList();
        var version = 0;
        var changes = random.Next(3) == 0;
        var file = new ServedFile(versions[0], random.Next(8) == 0 ? null : "\"0\"")
        {
            TakesRanges = random.Next(5) > 0,
            SaysLength = random.Next(5) > 0,
            Cuts = new(Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(versions[0].Length + 10))),
            Before = served =>
            {
                if (changes && random.Next(6) == 0 && version < 2)
                {
                    version++;
                    (served.Bytes, served.Tag) = (versions[version], served.Tag is null ? null : $"\"{version}\"");
                }
            },
        };
        await using var server = await FileServer.StartAsync(file);
        using var fetch = new FetchUnderTest
        {
            Jitter = new Random(random.Next()),
            Limits = new FetchLimits { WaitFirst = TimeSpan.FromMilliseconds(1), WaitMax = TimeSpan.FromMilliseconds(1), FruitlessTriesMax = random.Next(1, 4) },
        };
        var pin = random.Next(2) == 0 ? FetchTests.Sha256(versions[0]) : null;

        for (var run = 0; run < 4; run++)
        {
            await TryAsync(fetch, server, pin);
        }

        Assert.All(fetch.Entries(), entry => Assert.Contains(fetch.Stored(entry), pin is null ? versions : [versions[0]]));
        return fetch.Entries().Length;
    });

    [Fact]
    public Task A_pinned_file_is_right_whatever_a_server_says() => TryAllAsync("lies", async random =>
    {
        var model = FetchUnderTest.Model(random.Next(1, 1_000_000));
        await using var server = await FileServer.StartAsync(async context =>
        {
            var from = random.Next(3) == 0 ? random.Next(model.Length) : int.Parse(context.Request.Headers.Range.ToString().Replace("bytes=", "", StringComparison.Ordinal).TrimEnd('-').PadLeft(1, '0'), System.Globalization.CultureInfo.InvariantCulture);
            var body = model[Math.Min(from, model.Length)..];
            if (random.Next(4) == 0 && body.Length > 0)
            {
                body[random.Next(body.Length)] ^= 4;
            }

            context.Response.Headers.ETag = $"\"{random.Next(2)}\"";
            if (random.Next(2) == 0)
            {
                context.Response.StatusCode = 206;
                context.Response.Headers.ContentRange = $"bytes {from}-{model.Length - 1 - (random.Next(6) == 0 ? 1 : 0)}/{model.Length + (random.Next(6) == 0 ? 1 : 0)}";
            }

            if (random.Next(3) > 0)
            {
                context.Response.ContentLength = body.Length;
            }

            await context.Response.Body.WriteAsync(body.AsMemory(0, random.Next(2) == 0 ? body.Length : random.Next(body.Length + 1)));
            await context.Response.Body.FlushAsync();
            if (random.Next(3) == 0)
            {
                context.Abort();
            }
        });
        using var fetch = new FetchUnderTest
        {
            Jitter = new Random(random.Next()),
            Limits = new FetchLimits { WaitFirst = TimeSpan.FromMilliseconds(1), WaitMax = TimeSpan.FromMilliseconds(1), FruitlessTriesMax = 3 },
        };

        for (var run = 0; run < 4; run++)
        {
            await TryAsync(fetch, server, FetchTests.Sha256(model));
        }

        Assert.All(fetch.Entries(), entry => Assert.Equal(model, fetch.Stored(entry)));
        return fetch.Entries().Length;
    });

    private async Task TryAllAsync(string target, Func<Random, Task<int>> tryOne)
    {
        var stored = 0;
        var cases = await new FuzzRun(output, target).RunAsync(60, atOnce: 2, async random => Interlocked.Add(ref stored, await tryOne(random)));
        output.WriteLine($"{stored} models stored");
        Assert.True(cases < 10 || stored > cases / 10, $"only {stored} models were stored in {cases} cases");
    }

    private static async Task TryAsync(FetchUnderTest fetch, FileServer server, string? pin)
    {
        try
        {
            await fetch.FetchAsync(server, server.Url("/m.onnx"), pin);
        }
        catch (FetchException)
        {
            // An error is an answer, too.
        }
    }
}
