using InferenceOperator.Kubernetes.Queues;

namespace InferenceOperator.Kubernetes.Tests.Queues;

public sealed class WorkScheduleTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WorkSchedule<string> _schedule = new(new WorkQueueOptions { KeysMax = 4 });

    [Fact]
    public void A_key_added_twice_is_given_out_once()
    {
        _schedule.Add("a");
        _schedule.Add("a");

        Assert.Equal("a", Take(Now));
        _schedule.Done("a");
        Assert.Null(Take(Now));
        Assert.Equal(0, _schedule.Count);
    }

    [Fact]
    public void A_key_added_while_it_is_worked_on_is_given_out_again_but_only_afterwards()
    {
        _schedule.Add("a");
        Take(Now);
        _schedule.Add("a");
        _schedule.Add("a");

        Assert.Null(Take(Now));
        _schedule.Done("a");
        Assert.Equal("a", Take(Now));
        _schedule.Done("a");
        Assert.Null(Take(Now));
    }

    [Fact]
    public void Of_two_delays_the_shorter_counts_whichever_comes_first()
    {
        _schedule.AddAt("a", Now.AddSeconds(9));
        _schedule.AddAt("a", Now.AddSeconds(3));
        _schedule.AddAt("a", Now.AddSeconds(5));

        Assert.Equal(Now.AddSeconds(3), _schedule.NextDue);
        Assert.Null(Take(Now.AddSeconds(2.9)));
        Assert.Equal("a", Take(Now.AddSeconds(3)));
        _schedule.Done("a");
        Assert.Null(Take(Now.AddSeconds(60)));
        Assert.Null(_schedule.NextDue);
    }

    [Fact]
    public void An_immediate_add_makes_a_delay_void()
    {
        _schedule.AddAt("a", Now.AddSeconds(9));
        _schedule.Add("a");

        Assert.Equal("a", Take(Now));
        _schedule.Done("a");
        Assert.Null(Take(Now.AddSeconds(10)));
    }

    [Fact]
    public void A_delay_that_ends_while_the_key_is_worked_on_counts_once_the_work_has_ended()
    {
        _schedule.Add("a");
        Take(Now);
        _schedule.AddAt("a", Now.AddSeconds(1));

        Assert.Null(Take(Now.AddSeconds(2)));
        _schedule.Done("a");
        Assert.Equal("a", Take(Now.AddSeconds(2)));
    }

    [Fact]
    public void Keys_leave_in_the_order_in_which_they_became_ready()
    {
        _schedule.AddAt("late", Now.AddSeconds(2));
        _schedule.AddAt("early", Now.AddSeconds(1));
        _schedule.Add("now");

        Assert.Equal(("now", "early", "late"), (Take(Now.AddSeconds(5)), Take(Now.AddSeconds(5)), Take(Now.AddSeconds(5))));
    }

    [Fact]
    public void Pauses_double_with_each_failure_up_to_the_limit_and_start_over_when_forgotten()
    {
        var schedule = new WorkSchedule<string>(
            new WorkQueueOptions { FirstPause = TimeSpan.FromSeconds(1), PauseMax = TimeSpan.FromSeconds(10) });
        var pauses = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            schedule.AddAfterFailure("a", Now);
            pauses.Add((schedule.NextDue!.Value - Now).TotalSeconds);
            schedule.TryTake(schedule.NextDue.Value, out _);
            schedule.Done("a");
        }

        schedule.Forget("a");
        schedule.AddAfterFailure("a", Now);

        Assert.Equal([1, 2, 4, 8, 10, 10], pauses);
        Assert.Equal(Now.AddSeconds(1), schedule.NextDue);
    }

    [Fact]
    public void A_full_queue_refuses_new_keys_and_still_takes_those_it_knows()
    {
        foreach (var key in (string[])["a", "b", "c", "d"])
        {
            Assert.True(_schedule.Add(key));
        }

        Assert.False(_schedule.Add("e"));
        Assert.False(_schedule.AddAt("e", Now));
        Assert.True(_schedule.Add("a"));
        Assert.Equal(4, _schedule.Count);
    }

    [Fact]
    public void Ending_work_that_was_not_begun_is_an_error() =>
        Assert.Throws<InvalidOperationException>(() => _schedule.Done("a"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_happens_no_key_is_given_out_twice_at_once_and_none_is_lost(int seed)
    {
        var random = new Random(seed);
        var schedule = new WorkSchedule<int>(new WorkQueueOptions());
        var working = new HashSet<int>();
        var owed = new HashSet<int>();
        var now = Now;
        for (var step = 0; step < 20_000; step++)
        {
            var key = random.Next(12);
            switch (random.Next(5))
            {
                case 0:
                    schedule.Add(key);
                    owed.Add(key);
                    break;
                case 1:
                    schedule.AddAt(key, now.AddSeconds(random.Next(20)));
                    owed.Add(key);
                    break;
                case 2 when working.Count > 0:
                    var ended = working.ElementAt(random.Next(working.Count));
                    working.Remove(ended);
                    schedule.Done(ended);
                    break;
                case 3 when schedule.TryTake(now, out var taken):
                    Assert.True(working.Add(taken), $"seed {seed}, step {step}: {taken} was given out twice");
                    owed.Remove(taken);
                    break;
                default:
                    now = now.AddSeconds(random.NextDouble());
                    break;
            }
        }

        foreach (var key in working)
        {
            schedule.Done(key);
        }

        while (schedule.TryTake(now.AddHours(1), out var rest))
        {
            owed.Remove(rest);
            schedule.Done(rest);
        }

        Assert.Empty(owed);
        Assert.Equal(0, schedule.Count);
    }

    private string? Take(DateTimeOffset now) => _schedule.TryTake(now, out var key) ? key : null;

    [Fact]
    public void What_somebody_waits_for_comes_before_what_is_looked_at_as_a_precaution_and_neither_waits_for_ever()
    {
        var schedule = new WorkSchedule<string>(new WorkQueueOptions());
        for (var i = 0; i < 20; i++)
        {
            schedule.Add($"later-{i:00}", WorkUrgency.Precaution);
        }

        for (var i = 0; i < 20; i++)
        {
            schedule.Add($"now-{i:00}");
        }

        schedule.Add("later-19");
        Assert.Equal(40, schedule.ReadyCount);
        var given = new List<string>();
        while (schedule.TryTake(DateTimeOffset.UnixEpoch, out var key))
        {
            given.Add(key!); // Taken, so there is one.
            schedule.Done(key!);
        }

        Assert.Equal(40, given.Distinct().Count());
        Assert.Equal("later-00", given[WorkSchedule<string>.UrgentInARow]);
        Assert.Equal(22, given.IndexOf("later-19"));
        Assert.Equal(given.Where(static key => key.StartsWith("now", StringComparison.Ordinal)).Order(), given.Where(static key => key.StartsWith("now", StringComparison.Ordinal)));
        Assert.Equal((0, 0), (schedule.ReadyCount, schedule.Count));
    }

    [Fact]
    public void A_key_that_is_worked_on_keeps_the_urgency_with_which_it_was_added_meanwhile()
    {
        var schedule = new WorkSchedule<string>(new WorkQueueOptions());
        schedule.Add("a");
        schedule.TryTake(DateTimeOffset.UnixEpoch, out _);
        schedule.Add("b", WorkUrgency.Precaution);
        schedule.Add("a", WorkUrgency.Precaution);
        schedule.Add("a");
        schedule.Done("a");

        Assert.True(schedule.TryTake(DateTimeOffset.UnixEpoch, out var first));
        Assert.Equal("a", first);
    }
}
