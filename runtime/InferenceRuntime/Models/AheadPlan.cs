namespace InferenceRuntime.Models;

/// <summary>How far a version that is announced is prepared.</summary>
internal enum AheadPlan
{
    /// <summary>Not at all: it would take too much.</summary>
    Nothing,

    /// <summary>Its files are read into the system's page cache.</summary>
    Read,

    /// <summary>That, and it is loaded and warmed.</summary>
    Load,
}
