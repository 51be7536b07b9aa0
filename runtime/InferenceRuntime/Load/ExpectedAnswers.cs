using System.Globalization;
using System.Runtime.InteropServices;

namespace InferenceRuntime.Load;

/// <summary>What the model answers for each row alone, to hold replies against: the first output, FP32.</summary>
internal sealed class ExpectedAnswers
{
    /// <summary>Largest difference of an element from the expected one, absolute, and relative for values above 1.</summary>
    public const float Tolerance = 1e-4f;

    private readonly float[][] _rows;

    private ExpectedAnswers(float[][] rows) => _rows = rows;

    /// <summary>Rows that an answer is known for.</summary>
    public int Count => _rows.Length;

    /// <summary>Reads a CSV file with one row of outputs for each row of inputs, as <c>inference-runtime predict</c> writes it.</summary>
    /// <exception cref="FormatException">A field is no number.</exception>
    public static ExpectedAnswers Read(string path) => new(
    [
        .. File.ReadLines(path).Take(InputRows.RowsMax).Select(static line =>
            Array.ConvertAll(line.Split(','), static field => float.Parse(field, CultureInfo.InvariantCulture))),
    ]);

    /// <summary>True when every element is within the tolerance and each row has its largest element at the same place.</summary>
    /// <param name="first">Index of the input row that came first in the request; the following ones wrap round.</param>
    /// <param name="rows">Rows of the request.</param>
    /// <param name="output">The first output's bytes, FP32, row-major.</param>
    public bool Match(int first, int rows, ReadOnlySpan<byte> output)
    {
        var values = MemoryMarshal.Cast<byte, float>(output);
        for (var i = 0; i < rows; i++)
        {
            var expected = _rows[(first + i) % _rows.Length];
            if (values.Length < expected.Length || !RowMatches(expected, values[..expected.Length]))
            {
                return false;
            }

            values = values[expected.Length..];
        }

        return values.IsEmpty;
    }

    private static bool RowMatches(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        int largestExpected = 0, largestActual = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i]))))
            {
                return false;   // also when either is not a number
            }

            largestExpected = expected[i] > expected[largestExpected] ? i : largestExpected;
            largestActual = actual[i] > actual[largestActual] ? i : largestActual;
        }

        return largestExpected == largestActual;
    }
}
