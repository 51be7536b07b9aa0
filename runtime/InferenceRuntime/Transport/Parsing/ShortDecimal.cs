namespace InferenceRuntime.Transport.Parsing;

/// <summary>Decimal numbers so short that one division rounds them correctly, which most values in requests are.</summary>
/// <remarks>
/// Digits that make at most 2²⁴ and a power of ten up to 10¹⁰ are both exact in single precision, so their quotient is the
/// correctly rounded value. Source: W. Clinger, "How to read floating point numbers accurately", PLDI 1990.
/// </remarks>
internal static class ShortDecimal
{
    private const int MantissaMax = 1 << 24;

    private static ReadOnlySpan<float> PowersOfTen => [1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f];

    /// <summary>The value of a JSON number, when it is short and has no exponent; false says nothing about the number.</summary>
    public static bool TryParse(ReadOnlySpan<byte> number, out float value)
    {
        var negative = number[0] == (byte)'-';
        var (mantissa, decimals, point) = (0, 0, false);
        for (var i = negative ? 1 : 0; i < number.Length; i++)
        {
            var digit = number[i] - '0';
            if ((uint)digit <= 9)
            {
                mantissa = (mantissa * 10) + digit;
                decimals += point ? 1 : 0;
                if (mantissa > MantissaMax || decimals >= PowersOfTen.Length)
                {
                    value = 0;
                    return false;
                }
            }
            else if (number[i] == (byte)'.')
            {
                point = true;
            }
            else
            {
                value = 0;
                return false;
            }
        }

        value = mantissa / PowersOfTen[decimals];
        value = negative ? -value : value;
        return true;
    }
}
