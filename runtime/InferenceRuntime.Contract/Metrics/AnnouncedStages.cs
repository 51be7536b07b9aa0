namespace InferenceRuntime.Contract;

/// <summary>Values of the label <c>stage</c>: how far a version that is announced for later has been prepared.</summary>
public static class AnnouncedStages
{
    /// <summary>For its time, for those before it, or for the version that was replaced last.</summary>
    public const string Waiting = "waiting";

    /// <summary>Its files are being read into the system's page cache.</summary>
    public const string Reading = "reading";

    /// <summary>Its files were read; there is no memory to load it.</summary>
    public const string Read = "read";

    /// <summary>Being loaded and warmed.</summary>
    public const string Loading = "loading";

    /// <summary>In memory and warm: it serves as soon as its time has come.</summary>
    public const string Loaded = "loaded";

    /// <summary>Nothing was prepared, for lack of memory or since it cannot be read or loaded; it is loaded when its time has come.</summary>
    public const string Unprepared = "unprepared";

    public static IReadOnlyList<string> All { get; } = [Waiting, Reading, Read, Loading, Loaded, Unprepared];
}
