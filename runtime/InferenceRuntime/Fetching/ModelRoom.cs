using System.Globalization;
using InferenceRuntime.Fetching.Store;

namespace InferenceRuntime.Fetching;

/// <summary>Sees to it that a model which is being brought stays within its limit and finds room in the store.</summary>
internal sealed class ModelRoom(ModelStore store, string partialFolder, FetchLimits limits)
{
    // Where no length is known, the store is asked again each time so much has come.
    private const long StepBytes = 64L << 20;

    private long _before;
    private long _granted = -1;

    /// <summary>Counts a file that is complete.</summary>
    public void Add(FetchedFile file) => _before += file.Bytes;

    /// <summary>Asks for the file that is being brought.</summary>
    /// <param name="bytes">Its length as far as it is known.</param>
    /// <exception cref="FetchException">The model is too large, or the store has no room.</exception>
    public void Ask(long bytes)
    {
        var total = _before + bytes;
        if (total > limits.ModelBytesMax)
        {
            throw new FetchException(FetchFault.TooLarge, string.Create(
                CultureInfo.InvariantCulture, $"the model is too large: {total} bytes or more, {limits.ModelBytesMax} are allowed"));
        }

        if (total > _granted)
        {
            store.MakeRoom(total, partialFolder);
            _granted = (total / StepBytes * StepBytes) + StepBytes;
        }
    }
}
