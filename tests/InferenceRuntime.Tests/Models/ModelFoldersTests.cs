using System.Globalization;
using InferenceRuntime.Models;

namespace InferenceRuntime.Tests.Models;

public sealed class ModelFoldersTests : IDisposable
{
    private readonly RepositoryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Models_come_by_name_and_versions_newest_first_by_number()
    {
        _files.Write("b", "2");
        _files.Write("b", "10");
        _files.Write("a", "18446744073709551615");

        Assert.Equal(["a", "b"], _files.Folders.Models().Found.ToArray());
        Assert.Equal(["10", "2"], _files.Folders.Versions("b").Found.Select(static v => v.Text));
        Assert.Equal([ulong.MaxValue], _files.Folders.Versions("a").Found.Select(static v => v.Number));
    }

    [Fact]
    public void Entries_that_are_no_versions_are_passed_over_and_named()
    {
        foreach (var version in (string[])["0", "01", "-1", "1.0", "latest", "18446744073709551616", "٣"])
        {
            _files.Write("m", version);
        }

        Directory.CreateDirectory(Path.Combine(_files.Root, "m", "7"));
        Directory.CreateDirectory(Path.Combine(_files.Root, "empty"));
        File.WriteAllText(Path.Combine(_files.Root, "readme.txt"), "");

        var versions = _files.Folders.Versions("m");
        var models = _files.Folders.Models();

        Assert.Empty(versions.Found);
        Assert.Equal(8, versions.PassedOver.Length);
        Assert.Contains("m/7: no model.onnx in it, or a link that leads out", versions.PassedOver);
        Assert.Empty(models.Found);
        Assert.Equal(["empty: no version in it", "m: no version in it", "readme.txt: no version in it"], models.PassedOver.ToArray());
    }

    [Theory]
    [InlineData("2030-01-31T06:00:00Z", "2030-01-31T06:00:00+00:00")]
    [InlineData(" 2030-01-31T06:00:00+02:00\n", "2030-01-31T06:00:00+02:00")]
    [InlineData("", "9999-12-31T23:59:59.9999999+00:00")]
    [InlineData("\n", "9999-12-31T23:59:59.9999999+00:00")]
    public void A_version_is_announced_by_the_time_in_a_file_beside_it_or_by_an_empty_one(string text, string time)
    {
        _files.Write("m", "1");
        _files.Write("m", "2", serveFrom: text);

        Assert.Equal(
            [DateTimeOffset.Parse(time, CultureInfo.InvariantCulture), DateTimeOffset.MinValue],
            _files.Folders.Versions("m").Found.Select(static v => v.ServesFrom));
    }

    [Theory]
    [InlineData("tomorrow")]
    [InlineData("2030-01-31")]
    [InlineData("2030-01-31T06:00:00")]
    [InlineData("2030-02-30T06:00:00Z")]
    [InlineData("1893456000")]
    [InlineData("2030-01-31T06:00:00Z                                             ")]
    public void A_version_whose_announcement_is_no_time_is_passed_over(string text)
    {
        _files.Write("m", "1", serveFrom: text);

        var versions = _files.Folders.Versions("m");

        Assert.Empty(versions.Found);
        Assert.Equal(["m/1: serve-from does not hold a time such as 2030-01-31T06:00:00Z"], versions.PassedOver.ToArray());
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("../other")]
    [InlineData("m/1")]
    [InlineData("/etc")]
    [InlineData("m\n")]
    [InlineData("m\0")]
    public void A_name_that_is_none_finds_nothing(string name)
    {
        _files.Write("m", "1");

        Assert.Empty(_files.Folders.Versions(name).Found);
    }

    [Fact]
    public void Links_may_lead_within_the_repository_and_not_out_of_it()
    {
        using var outside = new RepositoryFiles();
        var foreign = outside.Write("m", "1");
        var own = _files.Write("m", "1");
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "m", "2"), "1");
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "m", "3"), Path.GetDirectoryName(foreign)!);
        Directory.CreateDirectory(Path.Combine(_files.Root, "m", "4"));
        File.CreateSymbolicLink(Path.Combine(_files.Root, "m", "4", "model.onnx"), foreign);
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(_files.Write("m", "5"))!, "weights"), foreign);
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "m", "6"), "6");
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "n"), Path.Combine(outside.Root, "m"));
        Directory.CreateSymbolicLink(Path.Combine(_files.Root, "o"), "m");

        Assert.Empty(_files.Folders.Versions("n").Found);
        Assert.Equal([(2UL, own), (1UL, own)], _files.Folders.Versions("m").Found.Select(static v => (v.Number, v.Path)));
        Assert.Equal(["m", "o"], _files.Folders.Models().Found.ToArray());
    }

    [Fact]
    public void No_more_models_and_versions_are_looked_at_than_the_bounds_say()
    {
        for (var i = 0; i <= ModelFolders.ModelsMax; i++)
        {
            _files.Write($"m{i:D3}", "1");
        }

        for (var i = 2; i <= ModelFolders.VersionsMax + 1; i++)
        {
            _files.Write("m000", i.ToString(CultureInfo.InvariantCulture));
        }

        var models = _files.Folders.Models();
        var versions = _files.Folders.Versions("m000");

        Assert.Equal((ModelFolders.ModelsMax, "m063"), (models.Found.Length, models.Found[^1]));
        Assert.Equal(["m064: more than 64 models"], models.PassedOver.ToArray());
        Assert.Equal((ModelFolders.VersionsMax, 17UL, 2UL), (versions.Found.Length, versions.Found[0].Number, versions.Found[^1].Number));
        Assert.Equal(["m000/1: more than 16 versions"], versions.PassedOver.ToArray());
    }
}
