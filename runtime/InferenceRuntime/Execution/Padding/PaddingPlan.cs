using System.Collections.Immutable;
using InferenceRuntime.Contract;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Execution.Padding;

/// <summary>What is padded and what is cut back, for one model and one document of settings. Immutable.</summary>
internal sealed class PaddingPlan
{
    // Combinations of buckets that are tried before a model serves; axes of different names multiply.
    private const int TrialsMax = 64;

    private PaddingPlan(ImmutableArray<PaddedInput> inputs, ImmutableArray<CutOutput> cuts)
    {
        Inputs = inputs;
        Cuts = cuts;
    }

    /// <summary>The inputs that are padded; at least one.</summary>
    public ImmutableArray<PaddedInput> Inputs { get; }

    /// <summary>The outputs that carry a padded axis.</summary>
    public ImmutableArray<CutOutput> Cuts { get; }

    /// <summary>The plan for valid settings; null when nothing is padded.</summary>
    public static PaddingPlan? For(RuntimeSettings settings, ModelSignature signature)
    {
        if (settings.Padding is not { Count: > 0 } padding || Objection(settings, signature) is not null)
        {
            return null;
        }

        var inputs = ImmutableArray.CreateBuilder<PaddedInput>(padding.Count);
        for (var i = 0; i < signature.Inputs.Length; i++)
        {
            var spec = signature.Inputs[i];
            if (padding.TryGetValue(spec.Name, out var setting))
            {
                inputs.Add(new PaddedInput(
                    i, setting.Axis, spec.AxisNames[setting.Axis], [.. setting.Buckets], FillElement.Of(spec.Datatype, setting.Value)));
            }
        }

        var names = inputs.Select(input => input.AxisName).ToHashSet(StringComparer.Ordinal);
        var cuts = ImmutableArray.CreateBuilder<CutOutput>();
        for (var o = 0; o < signature.Outputs.Length; o++)
        {
            var axes = signature.Outputs[o].AxisNames;
            for (var axis = 1; axis < axes.Length; axis++)
            {
                if (names.Contains(axes[axis]))
                {
                    cuts.Add(new CutOutput(o, axis, axes[axis]));
                }
            }
        }

        return new PaddingPlan(inputs.ToImmutable(), cuts.ToImmutable());
    }

    /// <summary>What the model does not allow of the settings, naming the field; null when it allows all.</summary>
    public static string? Objection(RuntimeSettings settings, ModelSignature signature)
    {
        foreach (var (name, setting) in settings.Padding ?? ImmutableDictionary<string, PaddingSettings>.Empty)
        {
            if (Objection(name, setting, settings.Padding!, signature) is { } objection)
            {
                return $"padding.{name}: {objection}";
            }
        }

        return null;
    }

    /// <summary>The signature with each padded axis at one of its buckets: every combination, at most 64.</summary>
    public IEnumerable<ModelSignature> Trials(ModelSignature signature)
    {
        var byName = Inputs.GroupBy(input => input.AxisName, StringComparer.Ordinal).ToArray();
        var count = byName.Aggregate(1L, (product, group) => Math.Min(TrialsMax, product * group.First().Buckets.Length));
        for (var trial = 0L; trial < count; trial++)
        {
            var rest = trial;
            var inputs = signature.Inputs.ToBuilder();
            foreach (var group in byName)
            {
                var buckets = group.First().Buckets;
                foreach (var input in group)
                {
                    inputs[input.Input] = inputs[input.Input] with { Shape = inputs[input.Input].Shape.SetItem(input.Axis, buckets[(int)(rest % buckets.Length)]) };
                }

                rest /= buckets.Length;
            }

            yield return signature with { Inputs = inputs.ToImmutable() };
        }
    }

    private static string? Objection(
        string name, PaddingSettings setting, IReadOnlyDictionary<string, PaddingSettings> all, ModelSignature signature)
    {
        if (signature.Inputs.FirstOrDefault(input => input.Name == name) is not { } spec)
        {
            return "the model has no such input";
        }

        if (!signature.Batched)
        {
            return "the model takes one request at a time";
        }

        if (spec.Datatype is Datatype.Bytes)
        {
            return "strings cannot be padded";
        }

        if (setting.Axis >= spec.Shape.Length || spec.Shape[setting.Axis] >= 0)
        {
            return $"axis {setting.Axis} does not vary";
        }

        if (spec.AxisNames.IsDefault || spec.AxisNames[setting.Axis].Length == 0)
        {
            return $"the model does not name axis {setting.Axis}, so that it is not known which outputs carry it";
        }

        foreach (var other in signature.Inputs)
        {
            for (var axis = 1; axis < other.Shape.Length; axis++)
            {
                if (other.Shape[axis] < 0 && other.AxisNames[axis] == spec.AxisNames[setting.Axis]
                    && !(all.TryGetValue(other.Name, out var same) && same.Axis == axis && same.Buckets.SequenceEqual(setting.Buckets)))
                {
                    return $"input '{other.Name}' has the same length at axis {axis} and is not padded to the same buckets";
                }
            }
        }

        return signature.Outputs.FirstOrDefault(
            output => output.Datatype is Datatype.Bytes && output.AxisNames.Contains(spec.AxisNames[setting.Axis])) is { } strings
            ? $"output '{strings.Name}' carries the length and holds strings, which cannot be cut back"
            : null;
    }
}
