namespace InferenceOperator.Benchmarks.Local;

/// <summary>Load that steps, and what is declared for it.</summary>
internal interface IStepLoad
{
    /// <summary>Latency declared.</summary>
    double SloSeconds { get; }

    /// <summary>Rows of a request, and the most of an execution.</summary>
    int Rows { get; }

    int ReplicasMax { get; }

    /// <summary>Seconds before anything is counted.</summary>
    int WarmUpSeconds { get; }

    /// <summary>As <c>inference-runtime bench</c> takes it.</summary>
    string Phases { get; }
}
