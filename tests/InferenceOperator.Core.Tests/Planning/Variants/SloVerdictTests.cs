using InferenceOperator.Core.Planning;

namespace InferenceOperator.Core.Tests.Planning.Variants;

public sealed class SloVerdictTests
{
    private static readonly SloVerdict TooSlow = new SloVerdict.Infeasible(0.08, "one row takes 40ms");
    private static readonly SloVerdict Nearer = new SloVerdict.Infeasible(0.06, "one row takes 30ms");

    [Fact]
    public void One_form_of_the_model_that_is_fast_enough_makes_the_target_feasible() =>
        Assert.IsType<SloVerdict.Feasible>(SloVerdict.Among([("full", TooSlow), ("student", new SloVerdict.Feasible())]));

    [Fact]
    public void Where_all_are_too_slow_the_fastest_says_what_target_could_be_held()
    {
        var verdict = Assert.IsType<SloVerdict.Infeasible>(SloVerdict.Among([("full", TooSlow), ("student", Nearer), ("new", new SloVerdict.NotKnown())]));

        Assert.Equal(0.06, verdict.NearestSeconds);
        Assert.Equal("student is the fastest of 2 that may answer and were measured: one row takes 30ms; new has not been measured yet", verdict.Detail);
    }

    [Fact]
    public void What_is_said_of_a_single_one_stays_as_it_is() => Assert.Same(TooSlow, SloVerdict.Among([("full", TooSlow)]));

    [Fact]
    public void Without_a_measurement_or_a_target_there_is_no_verdict()
    {
        Assert.IsType<SloVerdict.NotKnown>(SloVerdict.Among([("full", new SloVerdict.NotKnown()), ("student", new SloVerdict.NotKnown())]));
        Assert.IsType<SloVerdict.NotDeclared>(SloVerdict.Among([("full", new SloVerdict.NotDeclared()), ("student", new SloVerdict.NotDeclared())]));
    }
}
