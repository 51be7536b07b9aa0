namespace InferenceRuntime.Models;

/// <summary>A version that is announced for later, while it is prepared and until it is taken or given up.</summary>
/// <remarks>Begun, taken and given up by who holds the model's <see cref="RepositoryModel.Changing"/>; looking is free.</remarks>
/// <param name="version">The version.</param>
/// <param name="budget">Where the memory for it was taken.</param>
internal sealed class Announcement(ModelVersion version, AnnouncedBudget budget) : IDisposable
{
    private readonly CancellationTokenSource _waiting = new();
    private readonly CancellationTokenSource _loading = new();
    private int _stage = (int)AnnouncedStage.Waiting;

    public ModelVersion Version => version;

    /// <summary>How far it is.</summary>
    public AnnouncedStage Stage
    {
        get => (AnnouncedStage)Volatile.Read(ref _stage);
        set => Volatile.Write(ref _stage, (int)value);
    }

    /// <summary>Bytes that its preparation took from the budget; written by the preparation.</summary>
    public long Held { get; set; }

    /// <summary>The version in memory and warm, or null where it was not loaded.</summary>
    public Task<ServedVersion?> Prepared { get; set; } = Task.FromResult<ServedVersion?>(null);

    /// <summary>Ends all that comes before loading.</summary>
    public CancellationToken Waiting => _waiting.Token;

    /// <summary>Ends loading too.</summary>
    public CancellationToken Loading => _loading.Token;

    /// <summary>Ends the preparation, waits for a load that has begun and gives what was loaded, which then belongs to the caller.</summary>
    /// <param name="cancellationToken">Ends waiting for the load; the announcement goes on to hold what comes of it.</param>
    public async Task<ServedVersion?> TakeAsync(CancellationToken cancellationToken)
    {
        await _waiting.CancelAsync().ConfigureAwait(false);
        var prepared = await Prepared.WaitAsync(cancellationToken).ConfigureAwait(false);
        Dispose();
        return prepared;
    }

    /// <summary>Ends the preparation and gives back what it took.</summary>
    public async Task GiveUpAsync()
    {
        await _loading.CancelAsync().ConfigureAwait(false);
        if (await TakeAsync(CancellationToken.None).ConfigureAwait(false) is { } prepared)
        {
            await prepared.ReleaseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Gives the budget back; the preparation has ended.</summary>
    public void Dispose()
    {
        budget.GiveBack(Held);
        Held = 0;
        _waiting.Dispose();
        _loading.Dispose();
    }
}
