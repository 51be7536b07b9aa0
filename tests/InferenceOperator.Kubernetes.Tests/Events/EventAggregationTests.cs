using InferenceOperator.Kubernetes.Events;

namespace InferenceOperator.Kubernetes.Tests.Events;

public sealed class EventAggregationTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly EventAggregation _aggregation = new();

    [Fact]
    public void Equal_reports_are_one_event_with_a_count()
    {
        var first = _aggregation.Take(Report("a", "Scaled"), Now);
        var second = _aggregation.Take(Report("a", "Scaled"), Now.AddMinutes(9));

        Assert.Equal(first!.Value with { Count = 2, Last = Now.AddMinutes(9) }, second);
    }

    [Fact]
    public void Reports_that_differ_or_come_late_are_events_of_their_own()
    {
        var names = new[]
        {
            _aggregation.Take(Report("a", "Scaled"), Now)!.Value.Name,
            _aggregation.Take(Report("a", "Failed"), Now)!.Value.Name,
            _aggregation.Take(Report("b", "Scaled"), Now)!.Value.Name,
            _aggregation.Take(Report("a", "Scaled"), Now.AddMinutes(11))!.Value.Name,
        };

        Assert.Equal(4, names.Distinct().Count());
    }

    [Fact]
    public void An_object_that_reports_too_much_is_held_back_and_others_are_not()
    {
        for (var i = 0; i < EventAggregation.Burst; i++)
        {
            Assert.NotNull(_aggregation.Take(Report("a", $"Reason{i}"), Now));
        }

        Assert.Null(_aggregation.Take(Report("a", "OneMore"), Now));
        Assert.NotNull(_aggregation.Take(Report("b", "OneMore"), Now));
        Assert.Null(_aggregation.Take(Report("a", "OneMore"), Now.AddMinutes(4)));
        Assert.NotNull(_aggregation.Take(Report("a", "OneMore"), Now.AddMinutes(5.01)));
    }

    [Fact]
    public void What_it_remembers_is_bounded_and_what_it_forgot_starts_anew()
    {
        var first = _aggregation.Take(Report("first", "Scaled"), Now);
        for (var i = 0; i < EventAggregation.SeriesMax; i++)
        {
            _aggregation.Take(Report($"object-{i}", "Scaled"), Now);
        }

        var again = _aggregation.Take(Report("first", "Scaled"), Now);

        Assert.Equal(1, again?.Count);
        Assert.NotEqual(first?.Name, again?.Name);
    }

    private static EventReport Report(string name, string reason) =>
        new(
            new ObjectReference(ResourceType.Pods.GroupVersionKind, new ObjectKey("ns", name), "uid-" + name),
            EventSeverity.Normal,
            reason,
            "A sentence.");
}
