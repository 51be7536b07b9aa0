using System.Collections.Immutable;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Manifests;

/// <summary>All agents that a file or folder declares at one time, and what is wrong or passed over in it.</summary>
/// <param name="Agents">Good ones, by key; their model addresses are absolute.</param>
/// <param name="Files">The file of each good agent, by key.</param>
/// <param name="Faults">What is wrong, each naming file, line and field.</param>
/// <param name="Remarks">What was passed over: documents of other kinds.</param>
internal sealed record ManifestSet(
    ImmutableSortedDictionary<string, InferenceAgent> Agents,
    ImmutableSortedDictionary<string, string> Files,
    ImmutableArray<ManifestFault> Faults,
    ImmutableArray<string> Remarks)
{
    /// <summary>Nothing at all.</summary>
    public static ManifestSet Empty { get; } =
        new(ImmutableSortedDictionary<string, InferenceAgent>.Empty, ImmutableSortedDictionary<string, string>.Empty, [], []);

    /// <summary>
    /// This set, with the agents of <paramref name="before"/> that it says nothing good of any more but does not drop either: their
    /// manifest has become faulty, or the file that they stood in cannot be read as a whole.
    /// </summary>
    /// <param name="before">What was served until now.</param>
    public ManifestSet KeepingGoodOf(ManifestSet before)
    {
        var faultyKeys = Faults.Select(fault => fault.Key).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var faultyFiles = Faults.Where(fault => fault.Key is null).Select(fault => fault.File).ToHashSet(StringComparer.Ordinal);
        var names = Agents.Values.Select(agent => agent.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var kept = before.Agents
            .Where(pair => !Agents.ContainsKey(pair.Key) && !names.Contains(pair.Value.Metadata.Name)
                && (faultyKeys.Contains(pair.Key) || faultyFiles.Contains(before.Files[pair.Key])))
            .Select(pair => pair.Key)
            .ToList();
        return this with
        {
            Agents = Agents.AddRange(kept.Select(key => KeyValuePair.Create(key, before.Agents[key]))),
            Files = Files.AddRange(kept.Select(key => KeyValuePair.Create(key, before.Files[key]))),
        };
    }
}
