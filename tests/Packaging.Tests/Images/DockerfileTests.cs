using System.Text.RegularExpressions;

namespace Packaging.Tests.Images;

/// <summary>The Dockerfiles, as far as they can be judged without a container engine.</summary>
public sealed partial class DockerfileTests
{
    public static TheoryData<string> Dockerfiles() => new(Directory.GetFiles(Repository.File("images"), "*.Dockerfile").Select(Path.GetFileName).OfType<string>());

    [Theory]
    [MemberData(nameof(Dockerfiles))]
    public void Bases_can_be_pinned_the_user_is_not_root_and_the_tree_is_the_scripts(string file)
    {
        var lines = File.ReadAllLines(Repository.File("images", file));
        var arguments = lines.Select(static line => Argument().Match(line)).Where(static match => match.Success).Select(static match => match.Groups[1].Value).ToHashSet();

        Assert.All(lines.Where(static line => line.StartsWith("FROM ", StringComparison.Ordinal)), line => Assert.Contains(From().Match(line).Groups[1].Value, arguments));
        Assert.Equal("USER 65532:65532", lines.Last(static line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.Contains(lines, static line => line.StartsWith("RUN /src/images/tree ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, static line => line.StartsWith("ADD ", StringComparison.Ordinal) || line.Contains("curl", StringComparison.Ordinal) || line.Contains("wget", StringComparison.Ordinal));
        Assert.Matches("""^ENTRYPOINT \["/app/inference-(operator|runtime)"\]$""", lines.Last(static line => line.Length > 0));
    }

    [GeneratedRegex("""^ARG (\w+)=\S+:\S+$""")]
    private static partial Regex Argument();

    [GeneratedRegex("""^FROM \$\{(\w+)\}""")]
    private static partial Regex From();
}
