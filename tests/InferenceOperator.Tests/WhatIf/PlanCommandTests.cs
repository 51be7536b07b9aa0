using InferenceOperator.Commands;

namespace InferenceOperator.Tests.WhatIf;

/// <summary>Answers, whole, against files. Set UPDATE_GOLDEN=1 to write them.</summary>
public sealed class PlanCommandTests
{
    private static readonly string[] Plain = ["--rate", "900", "--slo", "50ms", "--fit", "a=6ms,m=0.5ms"];

    [Fact]
    public Task One_rate() => CheckAsync("one", 0, [.. Plain, "--noise", "5%", "--price", "2.5"]);

    [Fact]
    public Task A_sweep_of_rates_under_a_ceiling() => CheckAsync("sweep", 1, ["--rate", "0,100,1000", "--rate", "10000", "--rate", "100000", "--slo", "50ms", "--fit", "a=6ms,m=0.5ms,noise=0.05", "--max-replicas", "20", "--price", "2.5"]);

    [Fact]
    public Task An_SLO_that_cannot_be_held() => CheckAsync("infeasible", 1, ["--rate", "900", "--slo", "12ms", "--fit", "a=6ms,m=0.5ms", "--overhead", "1ms"]);

    [Fact]
    public Task Bursts_of_large_requests_on_two_GPUs_each() => CheckAsync("bursts", 0, ["--rate", "120.5", "--slo", "200ms", "--percentile", "99.9", "--fit", "a=10ms,m=0.2ms", "--rows", "8", "--cv", "3", "--gpus", "2", "--max-batch", "100", "--min-replicas", "3"]);

    [Fact]
    public Task No_SLO_on_the_CPU() => CheckAsync("no-slo", 0, ["--rate", "50", "--fit", "a=6ms,m=0.5ms", "--gpus", "0", "--max-batch", "16", "--price", "0.1"]);

    [Fact]
    public Task A_variant_that_is_cheaper_and_one_that_is_not_accurate_enough() => CheckAsync("variants", 0, ["--rate", "9000", "--slo", "50ms", "--fit", "a=6ms,m=0.5ms", "--gpu-price", "2.5", "--variant", "name=small,a=3ms,m=0.25ms,accuracy=0.985", "--variant", "name=tiny,a=1ms,m=0.1ms,accuracy=0.9", "--accuracy-floor", "98%"]);

    [Fact]
    public Task Accuracy_that_is_worth_more_than_the_GPUs_it_takes() => CheckAsync("accuracy", 0, ["--rate", "2000,20000", "--slo", "50ms", "--fit", "a=6ms,m=0.5ms", "--gpu-price", "2.5", "--variant", "name=small,a=3ms,m=0.25ms,accuracy=0.9", "--accuracy-price", "100"]);

    [Fact]
    public Task An_SLO_that_only_a_variant_holds() => CheckAsync("fast", 0, ["--rate", "900", "--slo", "12ms", "--fit", "a=6ms,m=0.5ms", "--variant", "name=small,a=2ms,m=0.25ms"]);

    [Theory]
    [InlineData("--variant: 'name=s,a=1ms' lacks", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--variant", "name=s,a=1ms")]
    [InlineData("the model itself is full", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--variant", "name=full,a=1ms,m=1ms")]
    [InlineData("--variant: two have the same name", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--variant", "name=s,a=1ms,m=1ms", "--variant", "name=s,a=1ms,m=1ms")]
    [InlineData("--variant: '2' is not a number from 0 to 1", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--variant", "name=s,a=1ms,m=1ms,accuracy=2")]
    [InlineData("--accuracy-floor: 'high' is not a number", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--accuracy-floor", "high")]
    [InlineData("--rate: '-1' is not a number from 0", "--rate", "-1", "--fit", "a=6ms,m=0.5ms")]
    [InlineData("--rate: 'many' is not a number", "--rate", "10,many", "--fit", "a=6ms,m=0.5ms")]
    [InlineData("--rate: 101 rates are given", "--rate", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "--fit", "a=6ms,m=0.5ms")]
    [InlineData("--fit: 'a=6ms' lacks a= or m=", "--rate", "1", "--fit", "a=6ms")]
    [InlineData("--fit: 'b=6ms' is not one of a=…, m=…, noise=…", "--rate", "1", "--fit", "b=6ms")]
    [InlineData("--fit: an execution takes some time", "--rate", "1", "--fit", "a=0s,m=0s")]
    [InlineData("--fit: '6' is not a duration", "--rate", "1", "--fit", "a=6,m=1ms")]
    [InlineData("--noise: --fit has a noise already", "--rate", "1", "--fit", "a=6ms,m=0.5ms,noise=1%", "--noise", "2%")]
    [InlineData("--noise: '2' is not a number from 0 to 1", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--noise", "2")]
    [InlineData("--slo: '50' is not a duration", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--slo", "50")]
    [InlineData("--percentile: '100' is not a number from 50 to 99.99", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--slo", "50ms", "--percentile", "100")]
    [InlineData("--cv: '21' is not a number from 0 to 20", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--cv", "21")]
    [InlineData("--rows: '0' is not a number from 1 to 4096", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--rows", "0")]
    [InlineData("--max-batch: '1.5' is not a whole number", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--max-batch", "1.5")]
    [InlineData("--max-replicas: '2' is not a whole number from 3", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--min-replicas", "3", "--max-replicas", "2")]
    [InlineData("--gpus: '-1' is not a whole number", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--gpus", "-1")]
    [InlineData("--gpu-price: 'free' is not a number", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--price", "free")]
    [InlineData("--overhead: '-1ms' is not a duration", "--rate", "1", "--fit", "a=6ms,m=0.5ms", "--overhead", "-1ms")]
    public async Task A_wrong_option_is_named(string complaint, params string[] options)
    {
        var (code, output, errors) = await CommandUnderTest.RunAsync(PlanCommand.Create(), options);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(complaint, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_to_be_given_is_asked_for()
    {
        var (code, _, errors) = await CommandUnderTest.RunAsync(PlanCommand.Create());

        Assert.NotEqual(0, code);
        Assert.Contains("--rate", errors, StringComparison.Ordinal);
        Assert.Contains("--fit", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_help_names_every_option()
    {
        var (code, output, _) = await CommandUnderTest.RunAsync(PlanCommand.Create(), "-h");

        Assert.Equal(0, code);
        Assert.All(
            new[] { "--rate", "--slo", "--percentile", "--fit", "--noise", "--cv", "--overhead", "--rows", "--max-batch", "--min-replicas", "--max-replicas", "--gpus", "--gpu-price", "--variant", "--accuracy-floor", "--accuracy-price", "Exit codes" },
            text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    private static async Task CheckAsync(string name, int expected, string[] options)
    {
        var (code, output, errors) = await CommandUnderTest.RunAsync(PlanCommand.Create(), options);

        Assert.Equal((expected, ""), (code, errors));
        GoldenFile.AssertEqual(output, "WhatIf", "Golden", name + ".txt");
    }
}
