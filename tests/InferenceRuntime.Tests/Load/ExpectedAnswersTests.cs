using System.Runtime.InteropServices;
using InferenceRuntime.Load;

namespace InferenceRuntime.Tests.Load;

public sealed class ExpectedAnswersTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void Answers_equal_within_the_tolerance_match()
    {
        var answers = Answers("1,2,3", "30,20,10");

        Assert.True(answers.Match(first: 0, rows: 2, Bytes(1.00005f, 2, 3, 30.001f, 20, 10)));
    }

    [Fact]
    public void Rows_wrap_round_at_the_end_of_the_file()
    {
        var answers = Answers("1,2,3", "30,20,10");

        Assert.True(answers.Match(first: 1, rows: 2, Bytes(30, 20, 10, 1, 2, 3)));
    }

    [Theory]
    [InlineData(new[] { 1f, 2f, 3.01f })]
    [InlineData(new[] { 1f, 2f })]
    [InlineData(new[] { 1f, 2f, 3f, 4f })]
    [InlineData(new[] { 1f, 2f, float.NaN })]
    public void Another_value_or_length_does_not_match(float[] output)
    {
        Assert.False(Answers("1,2,3").Match(first: 0, rows: 1, Bytes(output)));
    }

    [Fact]
    public void Another_argmax_does_not_match_even_within_the_tolerance()
    {
        Assert.False(Answers("1.00001,1").Match(first: 0, rows: 1, Bytes(1.00001f, 1.00002f)));
    }

    public void Dispose() => File.Delete(_file);

    private ExpectedAnswers Answers(params string[] lines)
    {
        File.WriteAllLines(_file, lines);
        return ExpectedAnswers.Read(_file);
    }

    private static byte[] Bytes(params float[] values) => MemoryMarshal.AsBytes<float>(values).ToArray();
}
