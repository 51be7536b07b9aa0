namespace InferenceOperator.Simulate.Report;

/// <summary>Colours of policies, told apart in light and dark and by most colour-blind eyes; beyond ten they come again, dashed.</summary>
internal static class Palette
{
    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];

    public static string Colour(int index) => Colours[index % Colours.Length];

    public static string Dash(int index) => (index / Colours.Length) switch { 0 => "", 1 => " stroke-dasharray=\"5 3\"", _ => " stroke-dasharray=\"2 2\"" };
}
