using System.Runtime.InteropServices;
using InferenceRuntime.Core.Comparing;
using InferenceRuntime.Core.Tensors;

namespace InferenceRuntime.Core.Tests.Comparing;

public sealed class AnswerComparisonTests
{
    [Fact]
    public void Rows_agree_within_the_tolerance_of_their_type_and_are_counted_one_by_one()
    {
        var agreement = Compare(Datatype.Fp32, [3, 2], [1f, 2, 3, 4, 5, 6], [1.005f, 2, 3, 0.5f, 5, 6]);

        Assert.Equal(new RowAgreement(2, 1, 0), agreement);
    }

    [Fact]
    public void Scores_of_lower_precision_agree_while_they_point_the_same_way_and_have_the_same_winner()
    {
        Assert.Equal(new RowAgreement(1, 0, 0), Compare(Datatype.Fp32, [1, 4], [8f, 1, -3, 0.5f], [7.5f, 1.3f, -3.2f, 0.4f]));
        Assert.Equal(new RowAgreement(0, 1, 0), Compare(Datatype.Fp32, [1, 4], [5f, 4.5f, -3, 0.5f], [4.6f, 4.9f, -3, 0.5f]));
        Assert.Equal(new RowAgreement(0, 1, 0), Compare(Datatype.Fp32, [1, 4], [8f, 1, -3, 0.5f], [8f, 7, 6, 5]));
    }

    [Fact]
    public void A_single_score_has_no_direction_and_has_to_be_close()
    {
        Assert.Equal(new RowAgreement(1, 1, 0), Compare(Datatype.Fp32, [2, 1], [0.50f, 0.50f], [0.503f, 0.55f]));
    }

    [Fact]
    public void Integers_have_to_be_equal() => Assert.Equal(new RowAgreement(1, 1, 0), Compare(Datatype.Int64, [2, 1], [7L, 8L], [7L, 9L]));

    [Fact]
    public void What_is_no_number_agrees_only_with_its_like()
    {
        Assert.Equal(new RowAgreement(1, 0, 0), Compare(Datatype.Fp32, [1, 2], [float.NaN, 1], [float.NaN, 1]));
        Assert.Equal(new RowAgreement(0, 1, 0), Compare(Datatype.Fp32, [1, 2], [float.NaN, 1], [0f, 1]));
        Assert.Equal(new RowAgreement(0, 1, 0), Compare(Datatype.Fp32, [1, 2], [1f, 1], [float.PositiveInfinity, 1]));
    }

    [Fact]
    public void Half_precision_is_read_as_such()
    {
        Half[] expected = [(Half)1, (Half)2];

        Assert.Equal(new RowAgreement(1, 0, 0), Compare(Datatype.Fp16, [1, 2], expected, [(Half)1.02, (Half)2]));
        Assert.Equal(new RowAgreement(0, 1, 0), Compare(Datatype.Fp16, [1, 2], expected, [(Half)2, (Half)1]));
    }

    [Fact]
    public void Other_shapes_cannot_be_compared()
    {
        var agreement = AnswerComparison.Compare(Signature(Datatype.Fp32), 1, [Tensor([2, 2], [1f, 2, 3, 4])], [Tensor([2, 3], [1f, 2, 3, 4, 5, 6])]);

        Assert.Equal(new RowAgreement(0, 0, 2), agreement);
    }

    [Fact]
    public void Outputs_that_nobody_asked_for_are_not_looked_at()
    {
        var signature = Signature(Datatype.Fp32) with { Outputs = [new("a", Datatype.Fp32, [-1, 1]), new("b", Datatype.Fp32, [-1, 1])] };

        Assert.Equal(new RowAgreement(1, 0, 0), AnswerComparison.Compare(signature, 2, [default, Tensor([1, 1], [1f])], [default, Tensor([1, 1], [1f])]));
    }

    private static RowAgreement Compare<T>(Datatype datatype, long[] shape, T[] expected, T[] actual)
        where T : unmanaged => AnswerComparison.Compare(Signature(datatype), 1, [Tensor(shape, expected)], [Tensor(shape, actual)]);

    private static TensorContent Tensor<T>(long[] shape, T[] values)
        where T : unmanaged => new(shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private static ModelSignature Signature(Datatype datatype) => new("m", "1", "simulated", [new("x", Datatype.Fp32, [-1, 1])], [new("y", datatype, [-1, -1])], Batched: true);
}
