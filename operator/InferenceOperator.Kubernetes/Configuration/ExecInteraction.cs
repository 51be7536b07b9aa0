namespace InferenceOperator.Kubernetes.Configuration;

/// <summary>Whether a credential plugin may ask the person at the terminal (<c>interactiveMode</c>).</summary>
internal enum ExecInteraction
{
    /// <summary>Only without; its standard input is empty.</summary>
    Never,

    /// <summary>It may where there is a terminal.</summary>
    IfAvailable,

    /// <summary>It must; without a terminal it is not run.</summary>
    Always,
}
