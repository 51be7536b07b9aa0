using System.Text;
using InferenceOperator.Core.Control;
using InferenceOperator.Core.Control.Replay;
using InferenceOperator.Core.Observation;
using Xunit.Abstractions;

namespace InferenceOperator.Core.Tests.Control.Replay;

/// <summary>
/// Records of every release's rules, <c>Fixtures/rules-N.jsonl</c>, have to be decided again to the byte. UPDATE_GOLDEN=1 writes the file of the
/// current rules, which is right only as long as no release has written records of that number: after that a change of what is
/// decided or recorded raises <see cref="DecisionRules.Current"/>, keeps what was beside it, and adds a file (docs/decisions/0055).
/// </summary>
public sealed class ReleasedRulesTests(ITestOutputHelper output)
{
    public static TheoryData<int> Numbers => [.. Enumerable.Range(DecisionRules.Oldest, DecisionRules.Current - DecisionRules.Oldest + 1)];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Records_of_every_release_are_decided_again_to_the_byte(int rules)
    {
        var file = FileOf(rules);
        if (rules == DecisionRules.Current && Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(file, Stories.OfEachKind().Select(static d => Encoding.UTF8.GetString(DecisionRules.Line(d))));
        }

        var replay = new DecisionReplay();
        var lines = File.ReadAllLines(file);
        foreach (var (number, line) in lines.Index())
        {
            var verdict = replay.Of(Encoding.UTF8.GetBytes(line));
            Assert.True(verdict is ReplayVerdict.Same, $"{file}:{number + 1}: {Text(verdict)}\nwhat rules {rules} decide has changed: see docs/decisions/0055");
        }

        output.WriteLine($"rules {rules}: {lines.Length} records of {lines.Average(static l => l.Length):0} bytes");
    }

    [Fact]
    public void The_records_kept_are_of_every_rule_and_every_kind_of_measurement_and_fit()
    {
        var records = File.ReadAllLines(FileOf(DecisionRules.Current)).Select(static l => DecisionRules.Read(Encoding.UTF8.GetBytes(l))).ToList();

        output.WriteLine($"guard rails not among them: {string.Join(", ", Enum.GetValues<GuardRail>().Except(records.SelectMany(static r => r.Guards)))}");
        Assert.Equal(Enum.GetValues<DecisionRule>(), records.Select(static r => r.Rule).Distinct().Order());
        Assert.Equal(["Idle", "Measured", "Unknown"], records.Select(static r => r.Basis.Measurement.GetType().Name).Distinct().Order());
        Assert.Equal(["Fitted", "OnePoint", "Table"], records.Select(static r => r.Basis.Service?.GetType().Name).OfType<string>().Distinct().Order());
        Assert.Contains(records, static r => r.Basis.Measurement is Measurement.Measured { Traffic.Disagrees: true });
        Assert.Contains(records, static r => r.Basis.Capacities.Objective is { HasSlo: false });
    }

    private static string Text(ReplayVerdict verdict) => verdict is ReplayVerdict.Different different ? string.Join('\n', different.Fields) : verdict.ToString();

    private static string FileOf(int rules) => Repository.File("tests", "InferenceOperator.Core.Tests", "Fixtures", $"rules-{rules}.jsonl");
}
