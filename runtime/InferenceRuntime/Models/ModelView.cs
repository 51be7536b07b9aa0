using System.Collections.Immutable;
using InferenceRuntime.Core.Serving;

namespace InferenceRuntime.Models;

/// <summary>A model at one moment. Immutable.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Serving">The version that answers when none is asked for; null when none does.</param>
/// <param name="Resident">Every version that answers, those that drain too, in order.</param>
/// <param name="Entries">What the index says of each version.</param>
internal sealed record ModelView(
    string Name, ServedVersion? Serving, ImmutableArray<ServedVersion> Resident, ImmutableSortedDictionary<ulong, RepositoryEntry> Entries)
{
    /// <summary>Who answers for a version, or for the model when it is empty.</summary>
    public ModelLookup Find(string version)
    {
        if (Serving is not { } serving)
        {
            return new ModelLookup.NotReady($"model {Name}: {Entries.Values.LastOrDefault(static e => e.Reason.Length > 0)?.Reason ?? "no version is loaded"}");
        }

        if (version.Length == 0)
        {
            return serving.Found;
        }

        foreach (var resident in Resident)
        {
            if (resident.Text == version)
            {
                return resident.Found;
            }
        }

        return Entries.Values.FirstOrDefault(e => e.Version == version) is { State: ModelState.Loading } loading
            ? new ModelLookup.NotReady($"model {Name}: version {version} is {loading.Reason}")
            : new ModelLookup.UnknownVersion([.. Resident.Select(static r => r.Text)]);
    }

    /// <summary>With the versions that the folder holds now; what is known of one that stays is kept.</summary>
    public ModelView Listing(IEnumerable<ModelVersion> versions) => this with
    {
        Entries = versions.Select(v => Entries.GetValueOrDefault(v.Number) ?? Entry(v.Number, ModelState.Unavailable, v.ServesFrom == DateTimeOffset.MinValue ? "not loaded" : v.Announcement))
            .Concat(Resident.Select(r => Entries[r.Number]))
            .DistinctBy(static e => e.Version)
            .ToImmutableSortedDictionary(static e => ulong.Parse(e.Version, System.Globalization.CultureInfo.InvariantCulture), static e => e),
    };

    /// <summary>With a version in a state.</summary>
    public ModelView Marked(ulong version, ModelState state, string reason = "") =>
        this with { Entries = Entries.SetItem(version, Entry(version, state, reason)) };

    /// <summary>With another version that answers; the one before drains.</summary>
    public ModelView SwitchedTo(ServedVersion next)
    {
        var view = Serving is { } before ? Marked(before.Number, ModelState.Unloading, "a switch to another version") : this;
        return view.Marked(next.Number, ModelState.Ready) with { Serving = next, Resident = [.. Resident.Append(next).OrderBy(static r => r.Number)] };
    }

    /// <summary>With nobody that answers; the version before drains.</summary>
    public ModelView Closed() =>
        Serving is { } before ? Marked(before.Number, ModelState.Unloading, "unloading") with { Serving = null } : this;

    /// <summary>Without a version that has drained.</summary>
    public ModelView Without(ServedVersion version, string reason) =>
        Marked(version.Number, ModelState.Unavailable, reason) with { Resident = Resident.Remove(version) };

    private RepositoryEntry Entry(ulong version, ModelState state, string reason) =>
        new(Name, version.ToString(System.Globalization.CultureInfo.InvariantCulture), state, reason);
}
