using InferenceOperator.Manifests;

namespace InferenceOperator.Tests.Manifests;

public sealed class YamlReaderTests
{
    [Theory]
    [InlineData("a: 1", """{"a":1}""")]
    [InlineData("a: '1'", """{"a":"1"}""")]
    [InlineData("a: \"true\"", """{"a":"true"}""")]
    [InlineData("a: true", """{"a":true}""")]
    [InlineData("a: yes", """{"a":"yes"}""")]
    [InlineData("a: on", """{"a":"on"}""")]
    [InlineData("a: 012", """{"a":12}""")]
    [InlineData("a: 0o17", """{"a":15}""")]
    [InlineData("a: 0x1F", """{"a":31}""")]
    [InlineData("a: 1.5e1", """{"a":15}""")]
    [InlineData("a: -0.25", """{"a":-0.25}""")]
    [InlineData("a:", """{"a":null}""")]
    [InlineData("a: ~", """{"a":null}""")]
    [InlineData("a: 50ms", """{"a":"50ms"}""")]
    [InlineData("a: 1:30", """{"a":"1:30"}""")]
    [InlineData("a: 2030-01-01", """{"a":"2030-01-01"}""")]
    [InlineData("a: |\n  x\n  y\n", """{"a":"x\ny\n"}""")]
    [InlineData("a: [1, {b: c}]", """{"a":[1,{"b":"c"}]}""")]
    [InlineData("a: &x {b: 1}\nc: *x", """{"a":{"b":1},"c":{"b":1}}""")]
    public void Scalars_mean_what_YAML_1_2_says(string yaml, string json)
    {
        var reading = YamlReader.Read(yaml);

        Assert.Null(reading.Fault);
        Assert.Equal(json, reading.Documents.Single().Content!.ToJsonString());
    }

    [Fact]
    public void Several_documents_are_read_each_with_the_lines_of_its_fields()
    {
        var reading = YamlReader.Read("# first\na:\n  b: 1\n---\nc:\n  - d: 2\n");

        Assert.Equal(2, reading.Documents.Length);
        Assert.Equal(3, reading.Documents[0].LineOf("a.b"));
        Assert.Equal(6, reading.Documents[1].LineOf("c[0].d"));
        Assert.Equal(6, reading.Documents[1].LineOf("c[0].missing"));
    }

    [Theory]
    [InlineData("a: 1\na: 2", 2, "there twice")]
    [InlineData("a: *nothing", 1, "nothing")]
    [InlineData("a: .inf", 1, "no number that JSON has")]
    [InlineData("a: 1e999", 1, "out of range")]
    [InlineData("a: [1", 1, "")]
    [InlineData("a: !thing x", 1, "tag")]
    [InlineData("? [a]\n: b", 1, "plain text")]
    [InlineData("a: 1\n\tb: 2", 1, "")]
    public void Faults_are_values_that_name_the_line(string yaml, int line, string words)
    {
        var fault = YamlReader.Read(yaml).Fault;

        Assert.NotNull(fault);
        Assert.InRange(fault.Line, line, line + 1);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_few_lines_of_aliases_do_not_become_a_million_values()
    {
        var yaml = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + string.Concat(Enumerable.Range('b', 8).Select(letter => $"{(char)letter}: &{(char)letter} [{string.Join(',', Enumerable.Repeat($"*{(char)(letter - 1)}", 10))}]\n"));

        Assert.Contains("more than", YamlReader.Read(yaml).Fault?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_is_bounded() =>
        Assert.Contains("nested deeper", YamlReader.Read(new string('[', 1000)).Fault?.Message, StringComparison.Ordinal);
}
