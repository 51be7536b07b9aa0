using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace InferenceOperator.Tests.Local;

/// <summary>Four clients that ask the agent <c>digits</c> again and again, and note every reply that is not an answer.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    public static readonly string Body =
        $$"""{"inputs":[{"name":"pixels","shape":[1,64],"datatype":"FP32","data":[{{string.Join(',', Enumerable.Repeat("1", 64))}}]}]}""";

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _lost = new();
    private readonly SemaphoreSlim _answered = new(0);
    private readonly Task _running;

    /// <summary>Over REST.</summary>
    public SteadyLoad(HttpClient client, Uri endpoint)
        : this(AskRest(client, new Uri(endpoint, "/v2/models/digits/infer")))
    {
    }

    /// <param name="ask">Asks once; gives what was said instead of an answer, or null.</param>
    public SteadyLoad(Func<Task<string?>> ask) => _running = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskAsync(ask))));

    /// <summary>Waits until so many more requests have been answered.</summary>
    public async Task UntilAnsweredAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _answered.WaitAsync(TimeSpan.FromSeconds(60)), "no request was answered for a minute; lost: " + string.Join("; ", _lost.Take(3)));
        }
    }

    /// <summary>Stops and gives what was lost.</summary>
    public async Task<IReadOnlyCollection<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _lost;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _answered.Dispose();
        _stop.Dispose();
    }

    private static Func<Task<string?>> AskRest(HttpClient client, Uri address) => async () =>
    {
        using var content = new StringContent(Body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(address, content, CancellationToken.None);
        return response.StatusCode == HttpStatusCode.OK ? null : $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
    };

    private async Task AskAsync(Func<Task<string?>> ask)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await ask() is { } lost)
                {
                    _lost.Enqueue(lost);
                }

                _answered.Release();
            }
            catch (HttpRequestException exception)
            {
                _lost.Enqueue(exception.Message);
            }
        }
    }
}
