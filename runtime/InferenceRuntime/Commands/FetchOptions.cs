using System.Collections.Immutable;
using InferenceRuntime.Fetching;
using InferenceRuntime.Fetching.Network;
using InferenceRuntime.Fetching.Sources;
using InferenceRuntime.Fetching.Store;

namespace InferenceRuntime.Commands;

/// <summary>What <c>inference-runtime fetch</c> was told.</summary>
internal sealed record FetchOptions
{
    /// <summary>What is to be brought, at least one.</summary>
    public required ImmutableArray<ModelToFetch> Models { get; init; }

    /// <summary>Where it is kept.</summary>
    public required StoreOptions Store { get; init; }

    /// <summary>Folder of the links to the entries, one for each model; those that read find them by it.</summary>
    public required string LinksFolder { get; init; }

    /// <summary>What is not public and may give models all the same; see <see cref="AddressRules.Read"/>.</summary>
    public ImmutableArray<string> AllowedSources { get; init; } = [];

    /// <summary>File with more of them, one a line; null: none.</summary>
    public string? AllowedSourcesPath { get; init; }

    public FetchLimits Limits { get; init; } = new();

    /// <summary>File that receives the reason when it fails; null: none.</summary>
    public string? TerminationLogPath { get; init; }

    /// <summary>One model of the command line.</summary>
    /// <param name="Name">Under which it is found afterwards.</param>
    /// <param name="Source">Where it is.</param>
    /// <param name="AccessFolder">Folder with the files of the Secret; null: none.</param>
    /// <param name="Sha256">SHA-256 of its file; null: any.</param>
    /// <param name="DataSha256">SHA-256 by location of its external data.</param>
    internal sealed record ModelToFetch(string Name, FetchSource Source, string? AccessFolder, string? Sha256, ImmutableSortedDictionary<string, string> DataSha256);
}
