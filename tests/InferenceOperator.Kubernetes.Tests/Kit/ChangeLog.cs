using System.Text.Json.Nodes;
using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Kubernetes.Tests.Kit;

/// <summary>What an informer reported, checked on the way: each change must start from the state in which the one before left the object.</summary>
internal sealed class ChangeLog
{
    private readonly Lock _gate = new();
    private readonly List<ObjectChange<JsonObject>> _changes = [];
    private readonly Dictionary<ObjectKey, ApiObject<JsonObject>> _present = [];
    private readonly List<string> _contradictions = [];
    private readonly List<(Func<IReadOnlyList<ObjectChange<JsonObject>>, bool> Condition, TaskCompletionSource Met)> _awaited = [];

    public IReadOnlyList<ObjectChange<JsonObject>> Changes
    {
        get
        {
            lock (_gate)
            {
                return [.. _changes];
            }
        }
    }

    /// <summary>Reports that do not follow from those before: losses and repetitions.</summary>
    public IReadOnlyList<string> Contradictions
    {
        get
        {
            lock (_gate)
            {
                return [.. _contradictions];
            }
        }
    }

    public void Take(ObjectChange<JsonObject> change)
    {
        lock (_gate)
        {
            _changes.Add(change);
            var known = _present.GetValueOrDefault(change.Key)?.ResourceVersion;
            switch (change)
            {
                case ObjectChange<JsonObject>.Added added:
                    Expect(known is null, change);
                    _present[change.Key] = added.New;
                    break;
                case ObjectChange<JsonObject>.Updated updated:
                    Expect(known == updated.Old.ResourceVersion && known != updated.New.ResourceVersion, change);
                    _present[change.Key] = updated.New;
                    break;
                case ObjectChange<JsonObject>.Deleted:
                    Expect(known is not null, change);
                    _present.Remove(change.Key);
                    break;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }

            foreach (var awaited in _awaited.Where(awaited => awaited.Condition(_changes)))
            {
                awaited.Met.TrySetResult();
            }
        }
    }

    /// <summary>Waits until the changes so far fulfil the condition.</summary>
    public async Task UntilAsync(Func<IReadOnlyList<ObjectChange<JsonObject>>, bool> condition)
    {
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (condition(_changes))
            {
                return;
            }

            _awaited.Add((condition, met));
        }

        try
        {
            await met.Task.WaitAsync(Cluster.Patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Not within {Cluster.Patience}; there were {string.Join(", ", Changes.Select(Text))}");
        }
    }

    /// <summary>Waits until the last that is known of an object is this value.</summary>
    public Task UntilValueAsync(string name, string value) => UntilAsync(changes =>
        changes.LastOrDefault(change => change.Key.Name == name) switch
        {
            ObjectChange<JsonObject>.Added added => added.New.Value() == value,
            ObjectChange<JsonObject>.Updated updated => updated.New.Value() == value,
            _ => false,
        });

    public static string Text(ObjectChange<JsonObject> change) => change switch
    {
        ObjectChange<JsonObject>.Added added => $"+{added.Key.Name}={added.New.Value()}",
        ObjectChange<JsonObject>.Updated updated => $"{updated.Key.Name}:{updated.Old.Value()}>{updated.New.Value()}",
        _ => $"-{change.Key.Name}",
    };

    private void Expect(bool follows, ObjectChange<JsonObject> change)
    {
        if (!follows)
        {
            _contradictions.Add($"{_changes.Count}: {Text(change)}");
        }
    }
}
