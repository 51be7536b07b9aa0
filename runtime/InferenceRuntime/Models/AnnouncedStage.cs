using InferenceRuntime.Contract;

namespace InferenceRuntime.Models;

/// <summary>How far an announced version has been prepared: the places of <see cref="AnnouncedStages.All"/>.</summary>
internal enum AnnouncedStage
{
    Waiting,
    Reading,
    Read,
    Loading,
    Loaded,
    Unprepared,
}
