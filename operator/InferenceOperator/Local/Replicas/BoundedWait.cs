namespace InferenceOperator.Local.Replicas;

/// <summary>Waits whose end in time is as good an answer as their success.</summary>
internal static class BoundedWait
{
    /// <summary>Awaits a task made by <c>WaitAsync</c>; running out of time or patience is no error.</summary>
    public static async Task SwallowTimeout(this Task wait)
    {
        try
        {
            await wait.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The caller goes on to the next, harder step.
        }
    }
}
