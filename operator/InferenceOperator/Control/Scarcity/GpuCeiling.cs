using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace InferenceOperator.Control.Scarcity;

/// <summary>GPUs of one resource that all agents together may take.</summary>
/// <param name="Resource">Kubernetes' name of the device.</param>
/// <param name="Gpus">At least 0.</param>
internal sealed record GpuCeiling(string Resource, int Gpus)
{
    /// <summary>The option that sets it.</summary>
    public const string Option = "--gpu-ceiling";

    /// <summary>Reads what stands after the option, once for each resource.</summary>
    /// <exception cref="FormatException">Not RESOURCE=COUNT, or a resource twice.</exception>
    public static ImmutableArray<GpuCeiling> Parse(IEnumerable<string> texts)
    {
        var ceilings = texts.Select(static text => TryParse(text, out var ceiling)
            ? ceiling
            : throw new FormatException($"{Option}: '{text}' is not RESOURCE=COUNT, such as nvidia.com/gpu=8")).ToImmutableArray();
        return ceilings.DistinctBy(static c => c.Resource).Count() == ceilings.Length
            ? ceilings
            : throw new FormatException($"{Option}: a resource stands twice");
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out GpuCeiling? ceiling)
    {
        var at = text.LastIndexOf('=');
        ceiling = at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var gpus) ? new(text[..at], gpus) : null;
        return ceiling is not null;
    }
}
