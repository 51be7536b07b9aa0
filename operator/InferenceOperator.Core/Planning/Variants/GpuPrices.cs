using System.Collections.Immutable;
using System.Globalization;
using InferenceOperator.Core.Resource;

namespace InferenceOperator.Core.Planning.Variants;

/// <summary>Prices of one device for an hour by Kubernetes' name of the resource, in whatever unit their owner counts in. Immutable.</summary>
/// <param name="ByResource">Each at least 0; at most <see cref="ResourcesMax"/>.</param>
public sealed record GpuPrices(ImmutableSortedDictionary<string, double> ByResource)
{
    /// <summary>Most resources that have a price of their own.</summary>
    public const int ResourcesMax = 64;

    /// <summary>Name under which a replica without a GPU is priced.</summary>
    public const string Cpu = "cpu";

    /// <summary>Price of what none is given for.</summary>
    public const double Default = 1;

    private const double PriceMax = 1e9;

    /// <summary>Everything has the <see cref="Default"/> price.</summary>
    public static GpuPrices AllEqual { get; } = new(ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal));

    /// <summary>Price of one replica for an hour.</summary>
    public double PerReplicaHour(GpuSpec gpu) =>
        gpu.Count > 0 ? gpu.Count * ByResource.GetValueOrDefault(gpu.Resource, Default) : ByResource.GetValueOrDefault(Cpu, Default);

    /// <summary>Reads texts such as <c>nvidia.com/gpu=2.5</c>.</summary>
    /// <exception cref="FormatException">One is wrong; the message says which and how it should look.</exception>
    public static GpuPrices Parse(IEnumerable<string> texts)
    {
        var prices = AllEqual.ByResource.ToBuilder();
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || text[..equals].Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '/' or '_')))
            {
                throw new FormatException($"'{text}' is not RESOURCE=PRICE, such as nvidia.com/gpu=2.5");
            }

            var name = text[..equals];
            if (!double.TryParse(text[(equals + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var price) || price is not (>= 0 and <= PriceMax))
            {
                throw new FormatException($"'{text}': the price of an hour is a number from 0 to {PriceMax:0}, such as 2.5");
            }

            if (!prices.TryAdd(name, price))
            {
                throw new FormatException($"'{text}': {name} has a price already");
            }
        }

        return prices.Count <= ResourcesMax
            ? new(prices.ToImmutable())
            : throw new FormatException($"{prices.Count} prices are given, at most {ResourcesMax} can be");
    }

    public bool Equals(GpuPrices? other) => other is not null && ByResource.SequenceEqual(other.ByResource);

    public override int GetHashCode() => ByResource.Count;
}
