using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace InferenceOperator.Testing.Simulated;

/// <summary>The objects of a cluster in memory, by the rules of the API server: versions, preconditions, field managers, finalizers, status apart.</summary>
/// <remarks>
/// Each write is one version; one that changes nothing is none. What is not here: validation by schema, defaults but the few in
/// <see cref="Finish"/>, entries of lists that have owners of their own. Safe for several threads.
/// </remarks>
/// <param name="time">The clock that objects are stamped with.</param>
/// <param name="types">What is served.</param>
public sealed class SimulatedApi(TimeProvider time, IEnumerable<ApiType> types)
{
    /// <summary>The finalizer of an object that waits for what it owns.</summary>
    public const string Foreground = "foregroundDeletion";

    private readonly Lock _gate = new();
    private readonly Dictionary<ApiKey, StoredObject> _objects = [];
    private readonly List<ObjectEvent> _history = [];
    private readonly List<Action> _watchers = [];
    private long _version = 1;
    private long _forgotten;
    private long _uids;

    /// <summary>What is served.</summary>
    public ImmutableArray<ApiType> Types { get; } = [.. types];

    /// <summary>Hears of each write, in order, before anybody else does and before the writer has its answer. Must not write.</summary>
    public Action<ObjectEvent>? Committed { get; set; }

    /// <summary>Hears, after the watches were told, that something was written. May write.</summary>
    public Action<ObjectEvent>? Told { get; set; }

    /// <summary>The newest version.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>All objects, in the order of their names.</summary>
    public ImmutableArray<StoredObject> All(ApiType? type = null)
    {
        lock (_gate)
        {
            return [.. _objects.Values.Where(found => type is null || found.Key.Type == type).OrderBy(static o => o.Key.Type.Plural, StringComparer.Ordinal).ThenBy(static o => o.Key.Namespace, StringComparer.Ordinal).ThenBy(static o => o.Key.Name, StringComparer.Ordinal)];
        }
    }

    public StoredObject? Find(ApiKey key)
    {
        lock (_gate)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    /// <summary>Makes an object.</summary>
    public StoredObject Create(ApiType type, JsonObject manifest, string manager)
    {
        var key = KeyOf(type, manifest);
        return Write(() =>
        {
            if (_objects.ContainsKey(key))
            {
                throw new ApiRefusedException(HttpStatusCode.Conflict, "AlreadyExists", $"{type} \"{key.Name}\" already exists");
            }

            var value = (JsonObject)manifest.DeepClone();
            if (type.HasStatus)
            {
                value.Remove("status");
            }

            var fields = FieldPaths.Of(value).Keys.ToImmutableHashSet(StringComparer.Ordinal);
            return CommitLocked(null, Finish(type, value), Owners(manager, fields), manager);
        });
    }

    /// <summary>JSON merge patch.</summary>
    /// <param name="key">The object.</param>
    /// <param name="patch">With <c>metadata.resourceVersion</c> it is bound to that state.</param>
    /// <param name="manager">Who writes.</param>
    /// <param name="status">Whether only the status is written, or all but that.</param>
    public StoredObject Patch(ApiKey key, JsonObject patch, string manager, bool status = false) => Write(() =>
    {
        var before = GetLocked(key);
        if ((string?)(patch["metadata"] as JsonObject)?["resourceVersion"] is { } bound && bound != before.ResourceVersion)
        {
            throw ApiRefusedException.Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");
        }

        var value = (JsonObject)before.Value.DeepClone();
        Merge(value, patch);
        value["metadata"]!["resourceVersion"] = before.ResourceVersion;
        KeepApart(key.Type, before.Value, value, status);
        var (was, now) = (FieldPaths.Of(before.Value), FieldPaths.Of(value));
        var changed = now.Where(field => !was.TryGetValue(field.Key, out var old) || !JsonNode.DeepEquals(old, field.Value)).Select(static field => field.Key).ToImmutableHashSet(StringComparer.Ordinal);
        return CommitLocked(before, value, Taken(before.Owners, manager, changed, was.Keys.Except(now.Keys, StringComparer.Ordinal)), manager);
    });

    /// <summary>Server-side apply.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="manifest">All that the manager wants to own.</param>
    /// <param name="manager">Who writes.</param>
    /// <param name="force">Whether others' fields are taken.</param>
    /// <param name="status">Whether only the status is written, or all but that.</param>
    public StoredObject Apply(ApiType type, JsonObject manifest, string manager, bool force, bool status = false)
    {
        var key = KeyOf(type, manifest);
        return Write(() =>
        {
            var wantedUid = (string?)manifest["metadata"]!["uid"]; // Named, so there.
            if (_objects.GetValueOrDefault(key) is not { } before)
            {
                return status ? throw ApiRefusedException.NotFound(key)
                    : wantedUid is not null ? throw ApiRefusedException.Conflict(key, $"uid mismatch: the provided object specified uid {wantedUid}, and no existing object was found")
                    : CommitLocked(null, Finish(type, Without(manifest, type.HasStatus)), Owners(manager, [.. FieldPaths.Of(Without(manifest, type.HasStatus)).Keys]), manager);
            }

            if (wantedUid is not null && wantedUid != before.Uid)
            {
                throw ApiRefusedException.Conflict(key, $"Precondition failed: UID in precondition: {wantedUid}, UID in object meta: {before.Uid}");
            }

            var wanted = FieldPaths.Of(manifest).Where(field => !type.HasStatus || (status == IsStatus(field.Key))).ToDictionary(StringComparer.Ordinal);
            var others = before.Owners.Where(owner => owner.Key != manager).ToList();
            var conflicts = (
                from field in wanted
                from other in others
                where other.Value.Contains(field.Key) && !JsonNode.DeepEquals(FieldPaths.Find(before.Value, field.Key), field.Value)
                orderby field.Key
                select (other.Key, FieldPaths.Text(field.Key))).ToList();
            if (conflicts.Count > 0 && !force)
            {
                throw new ApiRefusedException(HttpStatusCode.Conflict, "Conflict", $"Apply failed with {conflicts.Count} conflict(s)") { Conflicts = conflicts };
            }

            var value = (JsonObject)before.Value.DeepClone();
            var had = before.Owners.GetValueOrDefault(manager, []);
            foreach (var dropped in had.Where(field => !wanted.ContainsKey(field) && (!type.HasStatus || status == IsStatus(field)) && !others.Any(other => other.Value.Contains(field))))
            {
                FieldPaths.Remove(value, dropped);
            }

            foreach (var (field, content) in wanted)
            {
                FieldPaths.Set(value, field, content);
            }

            var owners = before.Owners;
            foreach (var (other, fields) in others)
            {
                owners = owners.SetItem(other, fields.Except(wanted.Keys.Where(field => !JsonNode.DeepEquals(FieldPaths.Find(before.Value, field), wanted[field]))));
            }

            var kept = had.Where(field => type.HasStatus && status != IsStatus(field));
            return CommitLocked(before, value, owners.SetItem(manager, [.. wanted.Keys, .. kept]), manager);
        });
    }

    /// <summary>Asks for an object's end. It may still be there afterwards.</summary>
    /// <param name="key">The object.</param>
    /// <param name="manager">Who asks.</param>
    /// <param name="propagation"><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
    /// <param name="uid">Only the object with this uid; null: any.</param>
    /// <param name="resourceVersion">Only this state; null: any.</param>
    /// <param name="now">Without a grace period, as the node does when the end has come.</param>
    public void Delete(ApiKey key, string manager, string propagation = "Background", string? uid = null, string? resourceVersion = null, bool now = false) => Write(() =>
    {
        var before = GetLocked(key);
        if ((uid is not null && uid != before.Uid) || (resourceVersion is not null && resourceVersion != before.ResourceVersion))
        {
            throw ApiRefusedException.Conflict(key, "the precondition does not hold");
        }

        if (propagation == "Orphan")
        {
            foreach (var orphan in _objects.Values.Where(found => found.OwnerUids.Contains(before.Uid, StringComparer.Ordinal)).ToList())
            {
                var freed = (JsonObject)orphan.Value.DeepClone();
                freed["metadata"]!.AsObject().Remove("ownerReferences");
                CommitLocked(orphan, freed, orphan.Owners, manager);
            }
        }

        var value = (JsonObject)before.Value.DeepClone();
        var metadata = (JsonObject)value["metadata"]!; // The server made it.
        if (propagation == "Foreground" && metadata["finalizers"] is not JsonArray)
        {
            metadata["finalizers"] = new JsonArray(Foreground);
        }

        var waits = metadata["finalizers"] is JsonArray { Count: > 0 } || (key.Type.EndsGracefully && !now);
        if (waits && !before.IsEnding)
        {
            metadata["deletionTimestamp"] = Stamp();
            metadata["deletionGracePeriodSeconds"] = key.Type.EndsGracefully ? 30 : 0;
        }

        return waits ? CommitLocked(before, value, before.Owners, manager) : RemoveLocked(before, manager);
    });

    /// <summary>Removes a finalizer; the object goes with the last one.</summary>
    public void Release(ApiKey key, string finalizer, string manager) => Write(() =>
    {
        var before = GetLocked(key);
        var value = (JsonObject)before.Value.DeepClone();
        var metadata = (JsonObject)value["metadata"]!; // The server made it.
        var left = (metadata["finalizers"] as JsonArray)?.Select(static f => (string)f!).Where(f => f != finalizer).ToList() ?? []; // Text.
        if (left.Count == 0)
        {
            metadata.Remove("finalizers");
            return before.IsEnding ? RemoveLocked(before, manager) : CommitLocked(before, value, before.Owners, manager);
        }

        metadata["finalizers"] = new JsonArray([.. left]);
        return CommitLocked(before, value, before.Owners, manager);
    });

    /// <summary>Forgets all that happened before now: lists in pages and watches from before are answered with 410.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _forgotten = _version;
        }
    }

    /// <summary>What there is at one moment.</summary>
    internal (long Version, ImmutableArray<StoredObject> Items) List(ApiType type, Selection selection)
    {
        lock (_gate)
        {
            return (_version, [.. All(type).Where(found => selection.Has(found.Value))]);
        }
    }

    /// <summary>Whether what happened after this version is still known.</summary>
    internal bool Remembers(long version)
    {
        lock (_gate)
        {
            return version >= _forgotten;
        }
    }

    /// <summary>What happened after a place in the history, up to another.</summary>
    internal ImmutableArray<ObjectEvent> History(int from, int to)
    {
        lock (_gate)
        {
            return [.. _history[from..to]];
        }
    }

    /// <summary>The place in the history after everything up to a version.</summary>
    internal int PlaceAfter(long version)
    {
        lock (_gate)
        {
            var (low, high) = (0, _history.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _history[middle].Version <= version ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }

    /// <summary>The end of the history, with its version.</summary>
    internal (int Place, long Version) End()
    {
        lock (_gate)
        {
            return (_history.Count, _version);
        }
    }

    internal void AddWatcher(Action watcher)
    {
        lock (_gate)
        {
            _watchers.Add(watcher);
        }
    }

    internal void RemoveWatcher(Action watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    private static bool IsStatus(string path) => path.StartsWith("status", StringComparison.Ordinal);

    private static ApiKey KeyOf(ApiType type, JsonObject manifest)
    {
        var metadata = manifest["metadata"] as JsonObject;
        return new(type, (string?)metadata?["namespace"] ?? "", (string?)metadata?["name"] ?? throw new ApiRefusedException(HttpStatusCode.UnprocessableEntity, "Invalid", "metadata.name: Required value"));
    }

    private static JsonObject Without(JsonObject manifest, bool status)
    {
        var value = (JsonObject)manifest.DeepClone();
        if (status)
        {
            value.Remove("status");
        }

        return value;
    }

    /// <summary>A write of the status leaves the rest alone, and the other way round.</summary>
    private static void KeepApart(ApiType type, JsonObject before, JsonObject value, bool status)
    {
        if (!type.HasStatus)
        {
            return;
        }

        foreach (var field in before.Select(static f => f.Key).Union(value.Select(static f => f.Key), StringComparer.Ordinal).ToList())
        {
            if ((field == "status") == status)
            {
                continue;
            }

            if (before[field] is { } kept)
            {
                value[field] = kept.DeepClone();
            }
            else
            {
                value.Remove(field);
            }
        }
    }

    private static void Merge(JsonObject value, JsonObject patch)
    {
        foreach (var (name, content) in patch)
        {
            if (content is null)
            {
                value.Remove(name);
            }
            else if (content is JsonObject inner)
            {
                if (value[name] is not JsonObject into)
                {
                    value[name] = into = [];
                }

                Merge(into, inner);
            }
            else
            {
                value[name] = content.DeepClone();
            }
        }
    }

    private static ImmutableDictionary<string, ImmutableHashSet<string>> Owners(string manager, ImmutableHashSet<string> fields) =>
        ImmutableDictionary.Create<string, ImmutableHashSet<string>>(StringComparer.Ordinal).SetItem(manager, fields);

    /// <summary>Who changes a field without apply owns it alone.</summary>
    private static ImmutableDictionary<string, ImmutableHashSet<string>> Taken(
        ImmutableDictionary<string, ImmutableHashSet<string>> owners, string manager, ImmutableHashSet<string> changed, IEnumerable<string> removed)
    {
        var gone = removed.ToList();
        foreach (var (other, fields) in owners)
        {
            owners = owners.SetItem(other, (other == manager ? fields : fields.Except(changed)).Except(gone));
        }

        return owners.SetItem(manager, owners.GetValueOrDefault(manager, []).Union(changed));
    }

    private JsonObject Finish(ApiType type, JsonObject value)
    {
        (value["apiVersion"], value["kind"]) = (type.ApiVersion, type.Kind);
        var metadata = (JsonObject)value["metadata"]!; // Named, so there.
        metadata["uid"] = string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8000-{++_uids:x12}");
        metadata["creationTimestamp"] = Stamp();
        if (type.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        if (type is { Plural: "services", Group: "" } && value["spec"] is JsonObject spec && spec["clusterIP"] is null)
        {
            spec["clusterIP"] = string.Create(CultureInfo.InvariantCulture, $"10.96.{_uids / 250 % 250}.{_uids % 250}");
        }

        return value;
    }

    private string Stamp() => time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private StoredObject GetLocked(ApiKey key) => _objects.GetValueOrDefault(key) ?? throw ApiRefusedException.NotFound(key);

    private StoredObject Write(Func<StoredObject> write)
    {
        StoredObject result;
        ImmutableArray<Action> watchers;
        ImmutableArray<ObjectEvent> made;
        lock (_gate)
        {
            var from = _history.Count;
            result = write();
            made = [.. _history[from..]];
            watchers = made.IsEmpty ? [] : [.. _watchers];
        }

        foreach (var watcher in watchers)
        {
            watcher();
        }

        foreach (var news in made)
        {
            Told?.Invoke(news);
        }

        return result;
    }

    private StoredObject CommitLocked(StoredObject? before, JsonObject value, ImmutableDictionary<string, ImmutableHashSet<string>> owners, string manager)
    {
        if (before is not null && JsonNode.DeepEquals(before.Value, value))
        {
            // Who owns what may have changed: nobody is told.
            return _objects[before.Key] = before with { Owners = owners };
        }

        var metadata = (JsonObject)value["metadata"]!; // The server made it.
        var key = before?.Key ?? new ApiKey(Types.First(type => type.ApiVersion == (string)value["apiVersion"]! && type.Kind == (string)value["kind"]!), (string?)metadata["namespace"] ?? "", (string)metadata["name"]!); // Finished.
        if (before is not null && key.Type.HasGeneration && !SameDesire(before.Value, value))
        {
            metadata["generation"] = before.Metadata["generation"]!.GetValue<long>() + 1; // It has one.
        }

        metadata["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        // Written and read, as on the wire: numbers know no C# type then.
        var after = new StoredObject(key, JsonNode.Parse(value.ToJsonString())!.AsObject(), owners); // It is an object.
        _objects[key] = after;
        AddLocked(new ObjectEvent(_version, before, after, IsRemoval: false, manager));
        return after;
    }

    private StoredObject RemoveLocked(StoredObject before, string manager)
    {
        var value = (JsonObject)before.Value.DeepClone();
        value["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        var last = new StoredObject(before.Key, JsonNode.Parse(value.ToJsonString())!.AsObject(), before.Owners); // It is an object.
        _objects.Remove(before.Key);
        AddLocked(new ObjectEvent(_version, before, last, IsRemoval: true, manager));
        return last;
    }

    private void AddLocked(ObjectEvent news)
    {
        _history.Add(news);
        Committed?.Invoke(news);
    }

    private static bool SameDesire(JsonObject a, JsonObject b)
    {
        foreach (var name in a.Select(static f => f.Key).Union(b.Select(static f => f.Key), StringComparer.Ordinal))
        {
            if (name is not ("metadata" or "status") && !JsonNode.DeepEquals(a[name], b[name]))
            {
                return false;
            }
        }

        return true;
    }
}
