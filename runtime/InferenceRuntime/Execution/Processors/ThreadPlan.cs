namespace InferenceRuntime.Execution.Processors;

/// <summary>How the processors are shared out among the instances.</summary>
/// <param name="ThreadsPerRun">Threads that one execution uses, its worker included; at least 1.</param>
/// <param name="Spin">Whether ONNX Runtime's threads spin while they wait for each other.</param>
internal readonly record struct ThreadPlan(int ThreadsPerRun, bool Spin)
{
    /// <summary>The plan of an instance on an accelerator: one thread starts its kernels, and runs what the accelerator does not.</summary>
    public static ThreadPlan OnAccelerator { get; } = new(1, Spin: false);

    /// <summary>The plan for <paramref name="instances"/> instances.</summary>
    /// <param name="asked">Threads of all instances together; null: one for each whole processor of the quota.</param>
    /// <param name="instances">At least 1.</param>
    /// <param name="quota">What this process has.</param>
    public static ThreadPlan For(int? asked, int instances, CpuQuota quota)
    {
        var perRun = Math.Max(1, (asked ?? quota.Processors) / instances);

        // Spinning helps only threads that have processors to themselves: it burns a quota, and starves a neighbour.
        var spin = perRun >= 2 && instances == 1 && !quota.IsThrottled && perRun <= quota.Processors;
        return new ThreadPlan(perRun, spin);
    }
}
