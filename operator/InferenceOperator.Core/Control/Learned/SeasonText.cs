using System.Buffers.Binary;
using System.Collections.Immutable;
using InferenceOperator.Core.Forecasting;

namespace InferenceOperator.Core.Control.Learned;

/// <summary>The levels of a season as text of 3,840 characters: of each minute ln(1 + rate) in 16 bits, which is exact to a thousandth, as base64.</summary>
internal static class SeasonText
{
    private const int Minutes = 1440;
    private const int BytesPerMinute = sizeof(ushort);

    /// <summary>ln(1 + rate) of 10^12 is 27.6.</summary>
    private const double Steps = 2000;

    /// <summary>The text of a season; the minute that is being measured is left out.</summary>
    public static string Of(DemandSeason season)
    {
        var bytes = new byte[Minutes * BytesPerMinute];
        for (var minute = 0; minute < Minutes; minute++)
        {
            var level = season.Levels[minute];
            var code = level < 0 ? 0 : 1 + Math.Clamp(Math.Round(Steps * Math.Log(1 + (double)level)), 0, ushort.MaxValue - 1);
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(minute * BytesPerMinute), (ushort)code);
        }

        return Convert.ToBase64String(bytes);
    }

    /// <summary>The season of a text; null: it is none.</summary>
    public static DemandSeason? Read(string text)
    {
        var bytes = new byte[(Minutes * BytesPerMinute) + 1];
        if (!Convert.TryFromBase64String(text, bytes, out var count) || count != Minutes * BytesPerMinute)
        {
            return null;
        }

        var levels = ImmutableArray.CreateBuilder<float>(Minutes);
        for (var minute = 0; minute < Minutes; minute++)
        {
            var code = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(minute * BytesPerMinute));
            levels.Add(code == 0 ? -1 : (float)(Math.Exp((code - 1) / Steps) - 1));
        }

        return new(levels.MoveToImmutable(), 0, 0, 0);
    }
}
