using System.Globalization;
using InferenceRuntime.Core.Serving;
using InferenceRuntime.Execution;
using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Models;

/// <summary>A version in memory that answers. One object for as long as it does.</summary>
/// <param name="number">The version.</param>
/// <param name="engine">What the repository gives out.</param>
/// <param name="loaded">What runs, and goes with the version.</param>
/// <param name="facts">What was found while loading.</param>
internal sealed class ServedVersion(ulong number, VersionEngine engine, IAsyncDisposable loaded, ModelFacts facts)
{
    public ulong Number => number;

    /// <summary>As the protocol writes it.</summary>
    public string Text { get; } = number.ToString(CultureInfo.InvariantCulture);

    public VersionEngine Engine => engine;

    public ModelFacts Facts => facts;

    /// <summary>The one answer of look-ups.</summary>
    public ModelLookup.Found Found { get; } = new(engine);

    /// <summary>Answers what is inside, then gives the memory back. See <see cref="VersionEngine.RetireAsync"/>.</summary>
    public async Task RetireAsync(TimeSpan openFor, TimeProvider clock)
    {
        await engine.RetireAsync(openFor, clock).ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
    }

    /// <summary>Gives the memory back to the system; nobody uses the version.</summary>
    public async Task ReleaseAsync()
    {
        await loaded.DisposeAsync().ConfigureAwait(false);
        AllocatorMemory.Trim();
    }
}
