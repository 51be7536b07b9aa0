using System.Text;

namespace InferenceOperator.Decisions.Explain;

/// <summary>Text in two columns: what it is about, and lines on it.</summary>
internal sealed class Sections
{
    private const int TitleWidth = 14;

    private readonly StringBuilder _text = new();

    /// <summary>Adds a section; without a line it is left out.</summary>
    public void Add(string title, params IEnumerable<string> lines)
    {
        var heading = title;
        foreach (var line in lines)
        {
            _text.Append((heading.PadRight(TitleWidth) + line).TrimEnd()).Append('\n');
            heading = "";
        }
    }

    /// <summary>Adds lines over the whole width.</summary>
    public void AddWide(params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            _text.Append(line).Append('\n');
        }
    }

    public override string ToString() => _text.ToString();
}
