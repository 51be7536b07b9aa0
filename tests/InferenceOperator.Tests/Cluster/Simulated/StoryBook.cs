namespace InferenceOperator.Tests.Cluster.Simulated;

/// <summary>The stories, each told once without a disturbance when it is first wanted.</summary>
internal sealed class StoryBook
{
    private const int Stories = 24;

    private readonly Dictionary<int, StoryRun> _told = [];

    /// <summary>Draws one.</summary>
    public async Task<StoryRun> OpenAsync(Random random)
    {
        var number = random.Next(Stories);
        if (!_told.TryGetValue(number, out var run))
        {
            _told[number] = run = await StoryRun.UndisturbedAsync(Story.Draw(number));
        }

        return run;
    }
}
