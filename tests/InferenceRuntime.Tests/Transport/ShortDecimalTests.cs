using System.Globalization;
using System.Text;
using InferenceRuntime.Transport.Parsing;
using Xunit.Abstractions;

namespace InferenceRuntime.Tests.Transport;

public sealed class ShortDecimalTests(ITestOutputHelper output)
{
    [Fact]
    public void Short_decimals_are_rounded_as_the_full_parser_rounds_them()
    {
        const int Seed = 7;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        var parsed = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var digits = random.Next(0, 20_000_000).ToString(CultureInfo.InvariantCulture);
            var point = random.Next(digits.Length + 1);
            var text = $"{(random.Next(2) == 0 ? "-" : "")}{(point == 0 ? "0" : digits[..point])}{(point < digits.Length ? "." + digits[point..] : "")}";
            if (ShortDecimal.TryParse(Encoding.ASCII.GetBytes(text), out var value))
            {
                parsed++;
                Assert.Equal(BitConverter.SingleToInt32Bits(float.Parse(text, CultureInfo.InvariantCulture)), BitConverter.SingleToInt32Bits(value));
            }
        }

        Assert.InRange(parsed, 30_000, 50_000);
    }

    [Theory]
    [InlineData("1e2")]
    [InlineData("0.00000000001")]
    [InlineData("99999999999999999999")]
    [InlineData("16777217")]
    public void Other_numbers_are_left_to_the_full_parser(string text) =>
        Assert.False(ShortDecimal.TryParse(Encoding.ASCII.GetBytes(text), out _));
}
