using System.Collections.Immutable;
using System.Diagnostics;
using InferenceRuntime.Core.Statistics;
using InferenceRuntime.Execution.Devices;
using InferenceRuntime.Execution.Processors;
using InferenceRuntime.Execution.Sessions;
using InferenceRuntime.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Execution.Providers;

/// <summary>
/// The sessions of one model: one for all instances on the processor; on accelerators one for each, dealt to the devices in turn, since a
/// session of theirs has one stream and TensorRT runs one batch of it at a time. Holds them until the instances do.
/// </summary>
internal sealed class ModelSessions : IDisposable
{
    private readonly ImmutableArray<SharedSession> _sessions;
    private WarmUpProfile? _profile;

    private ModelSessions(ImmutableArray<SharedSession> sessions, ThreadPlan plan, WarmUpProfile? profile)
    {
        _sessions = sessions;
        Plan = plan;
        _profile = profile;
    }

    /// <summary>Threads of each.</summary>
    public ThreadPlan Plan { get; }

    /// <summary>The one that is tried first.</summary>
    public SharedSession First => _sessions[0];

    /// <summary>The one of an instance.</summary>
    /// <param name="instance">From 0.</param>
    public SharedSession Of(int instance) => _sessions[instance % _sessions.Length];

    /// <summary>Creates them.</summary>
    /// <param name="model">The bytes of the model file.</param>
    /// <param name="sha256">Their hash.</param>
    /// <param name="folder">Where its external data lies.</param>
    /// <param name="summary">What the file's check found.</param>
    /// <param name="choice">By what it is to run; not a refusal.</param>
    /// <param name="options">What to load.</param>
    /// <exception cref="OnnxRuntimeException">The model cannot be loaded.</exception>
    /// <exception cref="IOException">The folder of engines cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static ModelSessions Create(byte[] model, string sha256, string folder, OnnxSummary summary, ProviderChoice choice, EngineOptions options)
    {
        if (Places(sha256, summary, choice, options) is not { IsEmpty: false } places)
        {
            var plan = ThreadPlan.For(options.Threads, options.Instances, CpuQuota.Read());
            return new([Held(SessionFactory.Create(model, folder, plan, summary, new SessionPlace.Cpu(), profile: null))], plan, profile: null);
        }

        var sessions = ImmutableArray.CreateBuilder<SharedSession>(places.Length);
        var profile = new WarmUpProfile();
        try
        {
            foreach (var place in places)
            {
                sessions.Add(Held(SessionFactory.Create(model, folder, ThreadPlan.OnAccelerator, summary, place, sessions.Count == 0 ? profile.Prefix : null)));
            }
        }
        catch
        {
            new ModelSessions(sessions.ToImmutable(), ThreadPlan.OnAccelerator, profile).Dispose();
            throw;
        }

        return new(sessions.ToImmutable(), ThreadPlan.OnAccelerator, profile);
    }

    /// <summary>Where the model ran since it was loaded. Called once, after the first instance's warm-up.</summary>
    public PlacementReading EndWarmUp()
    {
        if (_profile is not { } profile)
        {
            return new(ModelPlacement.OnCpu, []);
        }

        using (profile)
        {
            _profile = null;
            return profile.End(First.Session, First.Place.Provider);
        }
    }

    /// <summary>Lets go of the sessions.</summary>
    public void Dispose()
    {
        foreach (var session in _sessions)
        {
            session.Release();
        }

        _profile?.Dispose();
    }

    private static SharedSession Held(SharedSession session)
    {
        session.Retain();
        return session;
    }

    // One for each instance; none: the processor.
    private static ImmutableArray<SessionPlace.Gpu> Places(string sha256, OnnxSummary summary, ProviderChoice choice, EngineOptions options)
    {
        var accelerator = options.Accelerator;
        var isQuantized = summary.Operators.Any(static use => use.Name is "QuantizeLinear" or "DequantizeLinear");
        var engines = new EngineCache(accelerator.EngineCachePath, sha256);
        return choice switch
        {
            ProviderChoice.Cpu => [],
            ProviderChoice.Cuda cuda => OnEach(cuda.Devices, device => new SessionPlace.Gpu(device, ProviderSettings.Cuda(device, accelerator.MemoryBytesMax), null)),
            ProviderChoice.TensorRt tensorRt => OnEach(tensorRt.Devices, device => new SessionPlace.Gpu(
                device,
                ProviderSettings.Cuda(device, accelerator.MemoryBytesMax),
                ProviderSettings.TensorRt(device, accelerator.MemoryBytesMax, engines.Folder(), accelerator.EngineCachePath, ShapeProfile.Of(summary, options.Settings), isQuantized))),
            _ => throw new UnreachableException(),
        };

        ImmutableArray<SessionPlace.Gpu> OnEach(ImmutableArray<ComputeDevice> devices, Func<int, SessionPlace.Gpu> place) =>
            [.. Enumerable.Range(0, options.Instances).Select(instance => place(CudaOrder.NumberOf(devices[instance % devices.Length], devices)))];
    }
}
