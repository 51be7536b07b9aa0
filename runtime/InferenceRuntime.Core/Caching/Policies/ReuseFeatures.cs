namespace InferenceRuntime.Core.Caching.Policies;

/// <summary>A key's history in classes, one number below <see cref="Classes"/> for each feature.</summary>
internal readonly record struct ReuseFeatures(byte Age, byte Short, byte Middle, byte Long, byte Gap, byte AgeToGap)
{
    public const int Classes = 64;

    /// <summary>Features of a key.</summary>
    public const int Count = 6;

    /// <summary>The class of what is not known.</summary>
    public const byte None = Classes - 1;

    /// <summary>Half octaves of a number of requests.</summary>
    public static byte OfTime(long requests) => (byte)Math.Min((int)(2 * MathF.Log2(requests + 1)), Classes - 2);

    /// <summary>Quarter octaves of a decayed frequency, from 2⁻⁷ to 2⁸.</summary>
    public static byte OfFrequency(float logarithm) => (byte)Math.Clamp((int)((4 * logarithm) + 28), 0, Classes - 1);

    /// <summary>Half octaves of the age over the last gap.</summary>
    public static byte OfRatio(long age, long gap) => (byte)Math.Clamp((int)(2 * MathF.Log2((age + 1f) / gap)) + 32, 0, Classes - 2);
}
