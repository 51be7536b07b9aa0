using System.Collections.Immutable;

namespace ModelMaking.Clicks;

/// <summary>How many values each field has. In the model's input the values of a field follow those of the one before: one vocabulary.</summary>
internal static class ClickFields
{
    public const int Count = 6;

    public static ImmutableArray<int> Sizes { get; } = [2000, 1000, 20, 3, 24, 4];

    /// <summary>All values of all fields.</summary>
    public static int Vocabulary { get; } = Sizes.Sum();

    /// <summary>The number of a field's value in the one vocabulary.</summary>
    public static int Id(ClickField field, int value) => Sizes.Take((int)field).Sum() + value;
}
