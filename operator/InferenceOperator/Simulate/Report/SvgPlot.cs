using System.Globalization;
using System.Text;

namespace InferenceOperator.Simulate.Report;

/// <summary>A plot as inline SVG; its text and grid take the page's colour.</summary>
internal sealed class SvgPlot
{
    private const int Width = 1000;
    private const int Height = 260;
    private const int Left = 70;
    private const int Right = 15;
    private const int Top = 10;
    private const int Bottom = 40;

    private readonly StringBuilder _text = new();
    private readonly Axis _x;
    private readonly Axis _y;

    /// <param name="x">Lowest and highest x.</param>
    /// <param name="y">Lowest and highest y.</param>
    /// <param name="xTitle">What x is, with its unit.</param>
    /// <param name="yTitle">What y is, with its unit.</param>
    /// <param name="isLogarithmic">Of y.</param>
    public SvgPlot((double Low, double High) x, (double Low, double High) y, string xTitle, string yTitle, bool isLogarithmic = false)
    {
        _x = new(x.Low, x.High > x.Low ? x.High : x.Low + 1, Left, Width - Right);
        _y = new(y.Low, y.High > y.Low ? y.High : y.Low + 1, Height - Bottom, Top, isLogarithmic);
        Add($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{yTitle}\">\n");
        foreach (var (value, text) in _x.Marks())
        {
            Add($"<line class=\"grid\" x1=\"{_x.At(value):0.#}\" x2=\"{_x.At(value):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><text x=\"{_x.At(value):0.#}\" y=\"{Height - Bottom + 15}\" text-anchor=\"middle\">{text}</text>\n");
        }

        foreach (var (value, text) in _y.Marks())
        {
            Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{_y.At(value):0.#}\" y2=\"{_y.At(value):0.#}\"/><text x=\"{Left - 6}\" y=\"{_y.At(value) + 4:0.#}\" text-anchor=\"end\">{text}</text>\n");
        }

        Add($"<text x=\"{(Left + Width) / 2}\" y=\"{Height - 6}\" text-anchor=\"middle\">{xTitle}</text>");
        Add($"<text transform=\"translate(14 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">{yTitle}</text>\n");
    }

    public void Draw(PlotLine line)
    {
        var path = new StringBuilder();
        var isOpen = false;
        foreach (var (x, y) in line.Points)
        {
            if (!double.IsFinite(y))
            {
                isOpen = false;
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{(!isOpen ? "M" : line.IsStepped ? "H" : "L")}{_x.At(x):0.#}");
            path.Append(CultureInfo.InvariantCulture, $"{(isOpen && line.IsStepped ? "V" : " ")}{_y.At(y):0.#}");
            isOpen = true;
        }

        Add($"<path fill=\"none\" stroke=\"{Palette.Colour(line.Style)}\"{Palette.Dash(line.Style)} stroke-width=\"1.3\" d=\"{path}\"/>\n");
    }

    /// <summary>A line across the whole width.</summary>
    public void DrawLevel(double y) =>
        Add($"<line class=\"level\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{_y.At(y):0.#}\" y2=\"{_y.At(y):0.#}\"/>\n");

    /// <summary>A point with its name.</summary>
    public void Mark(double x, double y, string name, int style, bool isFilled)
    {
        var (px, py) = (_x.At(x), _y.At(y));
        var isLeft = px < Width - 160;
        Add($"<circle cx=\"{px:0.#}\" cy=\"{py:0.#}\" r=\"5\" stroke=\"{Palette.Colour(style)}\" stroke-width=\"2\" fill=\"{(isFilled ? Palette.Colour(style) : "none")}\"/>");
        Add($"<text x=\"{px + (isLeft ? 9 : -9):0.#}\" y=\"{py + 4:0.#}\" text-anchor=\"{(isLeft ? "start" : "end")}\">{name}</text>\n");
    }

    public string Close() => _text.Append("</svg>\n").ToString();

    private void Add(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture));
}
