using InferenceOperator.Kubernetes.Caching;

namespace InferenceOperator.Kubernetes.Tests.Caching;

public sealed class ObjectStoreTests
{
    private readonly ObjectStore<string> _store = new();

    [Fact]
    public void The_same_state_seen_again_is_no_change()
    {
        Assert.Single(_store.Put(Object("a", "1")));

        Assert.Empty(_store.Put(Object("a", "1")));
    }

    [Fact]
    public void An_object_made_anew_under_the_same_name_is_one_that_went_and_one_that_came()
    {
        _store.Put(Object("a", "1"));

        var changes = _store.Put(Object("a", "2", uid: "other"));

        Assert.IsType<ObjectChange<string>.Deleted>(changes[0]);
        Assert.Equal("other", Assert.IsType<ObjectChange<string>.Added>(changes[1]).New.Uid);
    }

    [Fact]
    public void A_list_reports_only_what_differs_from_what_is_known()
    {
        _store.Replace([Object("same", "1"), Object("changes", "2"), Object("goes", "3"), Object("garbled", "7")], []);

        var changes = _store.Replace([Object("same", "1"), Object("changes", "4"), Object("comes", "5")], [new ObjectKey("ns", "garbled")]);

        Assert.Equal(["goes", "changes", "comes"], changes.Select(static change => change.Key.Name));
        Assert.Equal(4, _store.Count);
    }

    [Fact]
    public void The_removal_of_what_is_not_known_is_no_change() => Assert.Empty(_store.Remove(Object("a", "1")));

    private static ApiObject<string> Object(string name, string version, string uid = "uid") =>
        new(new ObjectKey("ns", name), uid, version, $"{name}@{version}");
}
