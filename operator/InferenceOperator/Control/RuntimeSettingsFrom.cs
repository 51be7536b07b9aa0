using System.Collections.Immutable;
using System.Diagnostics;
using InferenceOperator.Core.Planning;
using InferenceOperator.Core.Resource;
using InferenceRuntime.Contract;
using RuntimePolicy = InferenceRuntime.Contract.CachePolicy;
using SpecPolicy = InferenceOperator.Core.Resource.CachePolicy;

namespace InferenceOperator.Control;

/// <summary>Core's settings in the runtime's units.</summary>
internal static class RuntimeSettingsFrom
{
    /// <summary>The document that a replica gets on its admin port and finds at start.</summary>
    public static RuntimeSettings Plan(ReplicaSettings settings) => new()
    {
        Batching = new BatchingSettings
        {
            MaxSize = settings.Batching.MaxSize,
            MaxDelayMs = settings.Batching.MaxDelay.Seconds * 1000,
        },
        Queue = new QueueSettings
        {
            MaxRequests = settings.Queue.Requests,
            MaxBytes = (long)Quantity.Parse(settings.Queue.Memory).Value,
            TimeoutMs = settings.Queue.Timeout?.Seconds * 1000,
        },
        Slo = settings.SloTarget is { } target ? new SloSettings { TargetMs = target.Seconds * 1000 } : null,
        Cache = new CacheSettings
        {
            Policy = Policy(settings.Cache.Policy),
            MaxBytes = (long)Quantity.Parse(settings.Cache.Size).Value,
            TtlMs = settings.Cache.Ttl.Seconds * 1000,
        },
        Padding = settings.Padding is { } padding
            ? padding.Values.ToImmutableSortedDictionary(
                static pair => pair.Key, pair => new PaddingSettings { Buckets = padding.Buckets, Value = pair.Value }, StringComparer.Ordinal)
            : null,
        Serving = settings.Shares?.Percent.ToImmutableSortedDictionary(static pair => pair.Key, static pair => (double)pair.Value, StringComparer.Ordinal),
    };

    private static RuntimePolicy Policy(SpecPolicy policy) => policy switch
    {
        SpecPolicy.None => RuntimePolicy.None,
        SpecPolicy.LRU => RuntimePolicy.LRU,
        SpecPolicy.LFU => RuntimePolicy.LFU,
        SpecPolicy.SIEVE => RuntimePolicy.SIEVE,
        SpecPolicy.S3FIFO => RuntimePolicy.S3FIFO,
        SpecPolicy.WTinyLFU => RuntimePolicy.WTinyLFU,
        SpecPolicy.Learned => RuntimePolicy.Learned,
        _ => throw new UnreachableException(),
    };
}
