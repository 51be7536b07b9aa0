using InferenceOperator.Local;

namespace InferenceOperator.Demo;

/// <summary>What the demo is told.</summary>
/// <param name="Local">The local mode that it shows; its manifests declare one agent with an SLO and a model file.</param>
/// <param name="Input">CSV file of rows to send.</param>
/// <param name="Phases">Three phases of load, <c>RATE:DURATION,RATE:DURATION,RATE:DURATION</c>: low, high, low; null: made for this machine.</param>
internal sealed record DemoOptions(LocalOptions Local, string Input, string? Phases);
