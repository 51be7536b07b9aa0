using System.Runtime.InteropServices;

namespace InferenceRuntime.Load;

/// <summary>
/// Waits for an instant to within about 0.1 ms. Timers of the runtime are coarse to a millisecond, which would add bursts to
/// the arrivals and delay to the latencies that are to be measured.
/// </summary>
internal static partial class Pacing
{
    /// <summary>Blocks the calling thread until <paramref name="due"/> (a timestamp of <paramref name="clock"/>), at most 100 ms.</summary>
    public static void WaitUntil(long due, TimeProvider clock)
    {
        var remaining = clock.GetElapsedTime(clock.GetTimestamp(), due);
        if (remaining <= TimeSpan.FromMicroseconds(20))
        {
            return;
        }

        var wait = new TimeSpec
        {
            Seconds = 0,
            Nanoseconds = (nint)Math.Min(remaining.TotalNanoseconds, 100_000_000),
        };
        _ = NanoSleep(in wait, 0);   // woken early by a signal: the caller looks at the clock again
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec wait, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
