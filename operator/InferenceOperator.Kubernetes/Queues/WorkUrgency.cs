namespace InferenceOperator.Kubernetes.Queues;

/// <summary>Which of the ready keys come first.</summary>
public enum WorkUrgency
{
    /// <summary>Somebody waits for it: an object was changed.</summary>
    Awaited,

    /// <summary>To be sure, or again: a first look at everything, a repetition, another try after a failure.</summary>
    Precaution,
}
