using System.CommandLine;
using InferenceOperator.Core.Planning.Variants;

namespace InferenceOperator.Commands;

/// <summary>The option <c>--gpu-price</c>, the same for every command that plans.</summary>
internal static class PriceOption
{
    private const string Name = "--gpu-price";

    public static Option<string[]> Create() => new(Name)
    {
        Description = $"Price of one device for an hour by resource, in any unit: nvidia.com/gpu=2.5; may stand several times. {GpuPrices.Cpu}=… prices a replica without a GPU. [default: 1 each, and no cost in status]",
    };

    /// <summary>The prices; null: none was given.</summary>
    /// <exception cref="FormatException">One is wrong; the message names the option.</exception>
    public static GpuPrices? Read(string[]? texts)
    {
        try
        {
            return texts is { Length: > 0 } ? GpuPrices.Parse(texts) : null;
        }
        catch (FormatException error)
        {
            throw new FormatException($"{Name}: {error.Message}", error);
        }
    }
}
