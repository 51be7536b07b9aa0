using InferenceRuntime.Contract;
using InferenceRuntime.Core.Batching;

namespace InferenceRuntime.Core.Tests.Batching;

/// <summary>Random histories of one queue; what must always hold is checked after every step.</summary>
public sealed class BatchQueueProperties
{
    private const int Steps = 3000;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happens_no_row_is_lost_doubled_starved_overtaken_or_executed_late(int seed)
    {
        var world = new World(seed);
        for (var step = 0; step < Steps; step++)
        {
            world.Step();
        }

        world.DrainToTheEnd();
    }

    private sealed class World
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly BatchQueue _queue;
        private readonly Batch _batch = new();
        private readonly List<WaitingRequest> _waiting = [];
        private readonly Dictionary<WaitingRequest, int> _arrival = [];
        private readonly HashSet<WaitingRequest> _answered = [];
        private readonly ShapeKey[] _shapes = [ShapeKey.Fixed, new([1, 4]), new([1, 5]), new([2, 3, 4])];
        private readonly Dictionary<WaitingRequest, int> _passedOver = [];
        private readonly Dictionary<WaitingRequest, int> _rowsDone = [];
        private long _now;
        private int _arrivals;
        private int _step;

        public World(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            _queue = new BatchQueue(Policy(), slots: 1 + _random.Next(3), timestampFrequency: 1_000_000);
        }

        public void Step()
        {
            _step++;
            _now += _random.Next(4) == 0 ? _random.Next(200) : 0;
            switch (_random.Next(20))
            {
                case < 11:
                    Offer();
                    break;
                case < 17:
                    Decide();
                    break;
                case 17:
                    Cancel();
                    break;
                case 18:
                    _queue.AddExecution(_shapes[_random.Next(_shapes.Length)], 1 + _random.Next(16), _random.Next(100));
                    break;
                default:
                    _queue.Policy = Policy();
                    break;
            }

            Check();
        }

        public void DrainToTheEnd()
        {
            _queue.BeginDraining();
            while (_waiting.Count > 0)
            {
                Decide();
                Check();
            }

            Hold(_answered.Count == _arrival.Count, "every accepted request was answered once");
        }

        private BatchPolicy Policy() => new(
            RowsMax: _random.Next(4) == 0 ? 1 : 1 + _random.Next(16),
            DelayMax: _random.Next(2) * _random.Next(300),
            RequestsMax: 1 + _random.Next(60),
            BytesMax: 1 + _random.Next(800))
        {
            TimeoutMax = _random.Next(3) == 0 ? 1 + _random.Next(500) : long.MaxValue,
            DefaultLevel = 1 + _random.Next(QueueSettings.PriorityLevels),
        };

        private void Offer()
        {
            var request = new WaitingRequest();
            var deadline = _random.Next(3) == 0 ? _now + _random.Next(300) : long.MaxValue;
            request.Describe(
                1 + _random.Next(_random.Next(10) == 0 ? 30 : 6), _random.Next(60), _shapes[_random.Next(_shapes.Length)], deadline, (ulong)_random.Next(12));
            var before = _queue.Depth;
            var admission = _queue.Offer(request, _now);
            TakeExpired();
            var displaced = TakeDisplaced(request);
            if (admission is Admission.Accepted or Admission.AcceptedWakeWorker)
            {
                Hold(_queue.Depth.Requests <= _queue.Policy.RequestsMax, "the queue is bounded by requests");
                Hold(_queue.Depth.Bytes <= _queue.Policy.BytesMax, "the queue is bounded by bytes");
                Hold(request.DeadlineAt <= deadline, "a deadline is only brought forward");
                Hold(request.DeadlineAt == Math.Min(deadline, _queue.Policy.DeadlineOf(deadline, _now)), "by the longest wait");
                _waiting.Add(request);
                _arrival.Add(request, _arrivals++);
                return;
            }

            Hold(displaced == 0, "nobody makes room for a request that is refused");
            if (admission is Admission.Full)
            {
                Hold(
                    before.Requests >= _queue.Policy.RequestsMax || before.Bytes > _queue.Policy.BytesMax - request.Bytes,
                    "refused only for lack of room");
                var others = _waiting.Where(other => other.Level <= request.Level || other == Oldest()).ToList();
                Hold(
                    others.Count >= _queue.Policy.RequestsMax || others.Sum(other => other.Bytes) > _queue.Policy.BytesMax - request.Bytes,
                    "a higher priority is refused only when lower ones do not make room");
            }
        }

        // The oldest of all is protected; it is the same before and after a displacement.
        private WaitingRequest? Oldest() => _waiting.MinBy(request => _arrival[request]);

        private int TakeDisplaced(WaitingRequest newcomer)
        {
            List<WaitingRequest> displaced = [];
            for (var one = _queue.TakeDisplaced(); one is not null; one = one.NextDeparted)
            {
                displaced.Add(one);
            }

            // The chain holds the last that left first.
            displaced.Reverse();
            foreach (var one in displaced)
            {
                var expected = _waiting.Where(other => other != Oldest()).OrderByDescending(other => other.Level).ThenByDescending(other => _arrival[other]).First();
                Hold(one == expected, "the youngest of the lowest level makes room");
                Hold(one.Level > newcomer.Level, "only for a higher level");
                Answer(one);
            }

            return displaced.Count;
        }

        private void Decide()
        {
            var limits = _queue.Policy;
            var alive = _waiting.Where(request => request.DeadlineAt > _now).ToList();
            var oldest = alive.MinBy(request => _arrival[request]);
            var oldestSurelyMayClose = oldest is not null && (
                _queue.IsDraining || limits.DelayMax == 0 || oldest.AcceptedAt + limits.DelayMax <= _now
                || alive.Where(request => request.Shape == oldest.Shape).Sum(Left) >= limits.RowsMax);
            var decision = _queue.Next(_now, _batch);
            TakeExpired();
            if (decision.Kind is not BatchDecisionKind.Close)
            {
                Hold((decision.Kind is BatchDecisionKind.WaitForWork) == (_waiting.Count == 0), "waits for work only when empty");
                Hold(decision.Until > _now, "never waits for the past");
                Hold(oldest is null || decision.Until <= oldest.AcceptedAt + limits.DelayMax, "nobody waits longer than the delay");
                Hold(
                    _waiting.GroupBy(request => request.Shape).All(group => group.Sum(Left) < limits.RowsMax),
                    "a full batch does not wait");
                return;
            }

            var parts = _batch.Parts.ToArray();
            var taken = parts.Select(part => part.Request).ToArray();
            Hold(_batch.Rows <= limits.RowsMax, "rows within the limit");
            Hold(_batch.Rows == parts.Sum(part => part.Rows), "rows add up");
            Hold(taken.All(request => request.DeadlineAt > _now), "never executed after its deadline");
            Hold(taken.All(request => request.Shape == taken[0].Shape), "one shape");
            foreach (var level in taken.GroupBy(request => request.Level))
            {
                var first = alive.Where(request => request.Shape == taken[0].Shape && request.Level == level.Key).OrderBy(request => _arrival[request]);
                Hold(first.Take(level.Count()).SequenceEqual(level), "first in, first out within a shape and level");
            }

            HoldStarvationBound(taken, oldest!, oldestSurelyMayClose); // A batch closed, so somebody was alive.
            if (limits.DelayMax == 0)
            {
                var highest = alive.Min(request => request.Level);
                Hold(taken.Any(request => request.Level == highest || request == oldest), "the highest level goes first, or the oldest");
            }

            foreach (var part in parts)
            {
                var done = _rowsDone.GetValueOrDefault(part.Request);
                Hold(part.FirstRow == done, "the pieces of a request follow each other");
                Hold(part.IsWhole || part.Request.Rows > limits.RowsMax || done > 0, "only a request above the limit is split");
                _rowsDone[part.Request] = done + part.Rows;
                if (done + part.Rows == part.Request.Rows)
                {
                    Answer(part.Request);
                }
            }
        }

        private void HoldStarvationBound(WaitingRequest[] taken, WaitingRequest oldest, bool mayClose)
        {
            if (taken.Contains(oldest))
            {
                _passedOver.Remove(oldest);
            }
            else if (mayClose)
            {
                var times = _passedOver[oldest] = _passedOver.GetValueOrDefault(oldest) + 1;
                Hold(times <= BatchQueue.OvertakenMax, "the oldest is passed over a bounded number of times");
            }
        }

        private void Cancel()
        {
            if (_waiting.Count > 0)
            {
                var request = _waiting[_random.Next(_waiting.Count)];
                Hold(_queue.Withdraw(request), "a waiting request can be withdrawn");
                Answer(request);
                Hold(!_queue.Withdraw(request), "but only once");
            }
        }

        private void TakeExpired()
        {
            for (var late = _queue.TakeExpired(); late is not null; late = late.NextDeparted)
            {
                Hold(late.DeadlineAt <= _now, "expired only after its deadline");
                Answer(late);
            }
        }

        private void Answer(WaitingRequest request)
        {
            Hold(_waiting.Remove(request), "it was waiting");
            Hold(_answered.Add(request), "answered once");
        }

        private int Left(WaitingRequest request) => request.Rows - _rowsDone.GetValueOrDefault(request);

        private void Check()
        {
            var depth = _queue.Depth;
            Hold(depth.Requests == _waiting.Count, "requests are counted");
            Hold(depth.Rows == _waiting.Sum(request => (long)Left(request)), "rows are counted");
            Hold(depth.Bytes == _waiting.Sum(request => request.Bytes), "bytes are counted");
        }

        private void Hold(bool holds, string what) => Assert.True(holds, $"seed {_seed}, step {_step}: {what}");
    }
}
