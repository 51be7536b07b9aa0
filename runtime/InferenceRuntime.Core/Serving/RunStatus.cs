namespace InferenceRuntime.Core.Serving;

/// <summary>How a run ended.</summary>
public enum RunStatus
{
    /// <summary>All answers are there.</summary>
    Done,

    /// <summary>The model does not run on this input; with several requests in the batch it is not known whose.</summary>
    Refused,

    /// <summary>The run failed through no fault of the input.</summary>
    Failed,

    /// <summary>There was not enough memory for this many rows; fewer may run.</summary>
    OutOfMemory,
}
