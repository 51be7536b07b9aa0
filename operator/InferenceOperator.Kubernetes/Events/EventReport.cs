namespace InferenceOperator.Kubernetes.Events;

/// <summary>Something that happened to an object. Equal reports are one event with a count.</summary>
internal sealed record EventReport(ObjectReference Regarding, EventSeverity Severity, string Reason, string Message);
