using InferenceOperator.Kubernetes.Leases;

namespace InferenceOperator.Kubernetes.Tests.Leases;

/// <summary>Contenders for one Lease and a server that serves them one after the other, event by event on simulated time.</summary>
internal sealed class LeaseWorld
{
    private readonly Random _random;
    private readonly LeaseTiming _timing;
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> _events = new();
    private readonly List<Contender> _contenders = [];
    private TimeSpan _now;
    private long _order;
    private long _version;
    private LeaseState? _stored;
    private bool _troubled;

    public LeaseWorld(int seed, int contenders, LeaseTiming timing)
    {
        _random = new Random(seed);
        _timing = timing;
        for (var i = 0; i < contenders; i++)
        {
            // Up to two in a hundred off: worse than any crystal.
            var contender = new Contender(new LeaseContest("x", $"c{i}", timing), 0.98 + (0.04 * _random.NextDouble()), TimeSpan.FromHours(1000 * _random.NextDouble()));
            _contenders.Add(contender);
            After(Between(0, 5), () => Step(contender));
        }
    }

    /// <summary>The first moment at which two held the Lease; null: there was none.</summary>
    public string? Breach { get; private set; }

    /// <summary>New holds so far.</summary>
    public int Holds { get; private set; }

    public int Holders => _contenders.Count(contender => contender.Contest.IsHeld(contender.Shows(_now)));

    public string? Run(TimeSpan duration, bool troubled)
    {
        _troubled = troubled;
        var end = _now + duration;
        while (_events.TryPeek(out _, out var next) && next.At <= end && Breach is null)
        {
            _now = next.At;
            _events.Dequeue()();
            if (Holders > 1)
            {
                Breach = $"after {_now} {string.Join(" and ", _contenders.Where(c => c.Contest.IsHeld(c.Shows(_now))).Select(static c => c.Contest.Seen?.Holder))} hold it";
            }
        }

        _now = end;
        return Breach;
    }

    private void Step(Contender contender)
    {
        if (Stops(contender, () => Step(contender)))
        {
            return;
        }

        var contest = contender.Contest;
        var now = contender.Shows(_now);
        if (contest.MustLook || (!contest.IsOurs && !contest.MayClaim(now)))
        {
            Ask(contender, static world => (world._stored, true), (state, _) => contest.Saw(state, contender.Shows(_now)));
        }
        else if (contest.IsHeld(now) && Chance(0.025))
        {
            var seen = contest.Seen!; // Held is seen.
            contest.GaveUp(null, now);
            Ask(contender, world => world.Write(seen, ""), (state, done) => contest.GaveUp(done ? state : null, contender.Shows(_now)));
        }
        else
        {
            var seen = contest.Seen;
            Ask(
                contender,
                world => world.Write(seen, contender.Name),
                (state, done) =>
                {
                    if (done)
                    {
                        Holds += contest.Claimed(state!, now, contender.Shows(_now)) ? 1 : 0; // Written.
                    }
                    else
                    {
                        contest.LostSight();
                    }
                });
        }
    }

    /// <summary>Sends a request, which the server takes at one moment between, or never; goes on with the answer, or without one after a while.</summary>
    private void Ask(Contender contender, Func<LeaseWorld, (LeaseState? State, bool Done)> serve, Action<LeaseState?, bool> take)
    {
        var answered = false;
        var there = Delay();
        var isLostThere = Chance(0.1);
        var isLostBack = Chance(0.1);
        if (!isLostThere)
        {
            After(there, () =>
            {
                var answer = serve(this);
                if (!isLostBack)
                {
                    After(Delay(), () => Receive(answer));
                }
            });
        }

        After(_timing.AnswerWithin, GiveUp);

        void Receive((LeaseState? State, bool Done) answer)
        {
            if (answered || Stops(contender, () => Receive(answer)))
            {
                return;
            }

            answered = true;
            take(answer.State, answer.Done);
            After(_timing.RoundEvery, () => Step(contender));
        }

        void GiveUp()
        {
            if (answered || Stops(contender, GiveUp))
            {
                return;
            }

            answered = true;
            contender.Contest.LostSight();
            After(_timing.RoundEvery / 3, () => Step(contender));
        }
    }

    /// <summary>Has the contender stand still for a while now and then, at this very point.</summary>
    private bool Stops(Contender contender, Action resume)
    {
        if (_now < contender.StoppedUntil)
        {
            After(contender.StoppedUntil - _now, resume);
            return true;
        }

        if (!Chance(0.01))
        {
            return false;
        }

        contender.StoppedUntil = _now + Between(0, 40);
        After(contender.StoppedUntil - _now, resume);
        return true;
    }

    private (LeaseState? State, bool Done) Write(LeaseState? seen, string holder)
    {
        if (_stored?.ResourceVersion != seen?.ResourceVersion)
        {
            return (_stored, false);
        }

        _stored = new LeaseState("x", $"{++_version}", holder, _timing.Duration, 0);
        return (_stored, true);
    }

    private TimeSpan Delay() => Chance(0.1) ? Between(0, 30) : Between(0, 0.05);

    private bool Chance(double probability) => _troubled && _random.NextDouble() < probability;

    private TimeSpan Between(double from, double to) => TimeSpan.FromSeconds(from + ((to - from) * _random.NextDouble()));

    private void After(TimeSpan delay, Action action) => _events.Enqueue(action, (_now + delay, _order++));

    private sealed class Contender(LeaseContest contest, double speed, TimeSpan ahead)
    {
        public LeaseContest Contest => contest;

        public string Name { get; } = contest.Identity;

        public TimeSpan StoppedUntil { get; set; }

        public TimeSpan Shows(TimeSpan now) => ahead + (now * speed);
    }
}
