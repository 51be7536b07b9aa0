using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Models;

/// <summary>One model of a repository. Changes are made one after another by who holds <see cref="Changing"/>; looking is free.</summary>
internal sealed class RepositoryModel(string name) : IDisposable
{
    private ModelView _view = new(name, Serving: null, [], ImmutableSortedDictionary<ulong, RepositoryEntry>.Empty);

    private Announcement? _announced;

    /// <summary>Held during a load or an unload.</summary>
    public SemaphoreSlim Changing { get; } = new(1, 1);

    /// <summary>The retirement of the version that served before; touched while <see cref="Changing"/> is held.</summary>
    public Task Retirement { get; set; } = Task.CompletedTask;

    /// <summary>The version that is announced; null when none is. Written while <see cref="Changing"/> is held.</summary>
    public Announcement? Announced
    {
        get => Volatile.Read(ref _announced);
        set => Volatile.Write(ref _announced, value);
    }

    /// <summary>The model now.</summary>
    public ModelView View => Volatile.Read(ref _view);

    /// <summary>Replaces the view in one step.</summary>
    public void Show(Func<ModelView, ModelView> change) => ImmutableInterlocked.Update(ref _view, change);

    public void Dispose() => Changing.Dispose();
}
