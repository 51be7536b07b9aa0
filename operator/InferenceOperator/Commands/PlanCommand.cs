using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using InferenceOperator.Core.Estimation;
using InferenceOperator.Core.Planning.WhatIf;
using InferenceOperator.Core.Resource;
using InferenceOperator.Simulate;
using InferenceOperator.WhatIf;

namespace InferenceOperator.Commands;

/// <summary>The command <c>plan</c>: what a load takes.</summary>
internal sealed class PlanCommand
{
    private const int RatesMax = 100;
    private const int ReplicasMax = 100_000;
    private const int GpusMax = 1024;

    // As in a manifest.
    private const int VariantsMax = 15;
    private const int NameLengthMax = 32;

    private const string About = """
        Say what a steady load takes: for each batch limit the time of a full batch, what a replica carries within the SLO by the latency
        model, the replicas and the latency with them, GPUs and their price; and which of them the operator comes to, and why. The fit is
        what `explain` and the agent's status show, or a guess. Reads and writes nothing.

          inference-operator plan --rate 900 --slo 50ms --fit a=6ms,m=0.5ms --noise 5% --gpu-price 2.5
          inference-operator plan --rate 9000 --slo 50ms --fit a=6ms,m=0.5ms --variant name=small,a=3ms,m=0.25ms,accuracy=0.985 --accuracy-floor 0.98
          inference-operator plan --rate 100,1000,10000 --slo 50ms --fit a=6ms,m=0.5ms --max-replicas 20

        Exit codes: 0 the SLO is held at every rate, 1 it is not, 2 an option is wrong.
        """;

    private readonly Option<string[]> _rate = new("--rate") { Description = "Requests per second; may stand several times, or several separated by commas, for a table over rates.", Required = true };
    private readonly Option<string?> _slo = new("--slo") { Description = "Latency within which requests should be answered, measured at the server. [default: none, replicas are kept at 70 % of what they can do]" };
    private readonly Option<string> _percentile = new("--percentile") { Description = "Percent of the requests that should be, from 50 to 99.99.", DefaultValueFactory = static _ => "99" };
    private readonly Option<string> _fit = new("--fit") { Description = "An execution of b rows takes a + m*b: a=TIME,m=TIME[,noise=SHARE].", Required = true };
    private readonly Option<string?> _noise = new("--noise") { Description = "Standard deviation of an execution's time over its mean, such as 5% or 0.05. [default: the fit's; 0]" };
    private readonly Option<string> _cv = new("--cv") { Description = "Coefficient of variation of the times between requests; 1 is Poisson, from 0 to 20.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string> _overhead = new("--overhead") { Description = "Mean time of a request outside queue and execution; twice of it is set aside, for its tail.", DefaultValueFactory = static _ => "0s" };
    private readonly Option<string> _rows = new("--rows") { Description = "Rows in a request, from 1 to 4096.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string> _maxBatch = new("--max-batch") { Description = "Most rows in one execution, from 1 to 4096.", DefaultValueFactory = static _ => "64" };
    private readonly Option<string> _minReplicas = new("--min-replicas") { Description = "Fewest replicas, from 1.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string?> _maxReplicas = new("--max-replicas") { Description = "Most replicas. [default: as many as it takes]" };
    private readonly Option<string> _gpus = new("--gpus") { Description = "GPUs of a replica; 0: it runs on the CPU, and the price is a replica's.", DefaultValueFactory = static _ => "1" };
    private readonly Option<string?> _price = new("--gpu-price", "--price") { Description = "Price of a GPU for an hour. [default: none is shown]" };

    private readonly Option<string[]> _variant = new("--variant") { Description = "A variant that may answer for good: name=NAME,a=TIME,m=TIME[,accuracy=SHARE][,noise=SHARE]; several times for several." };
    private readonly Option<string?> _accuracyFloor = new("--accuracy-floor") { Description = "Least accuracy of what answers, relative to the model, such as 0.98 or 98%. [default: none]" };
    private readonly Option<string> _accuracyPrice = new("--accuracy-price") { Description = "What accuracy is worth for an hour, in the unit of --gpu-price: a variant of accuracy 0.98 costs a fiftieth of it.", DefaultValueFactory = static _ => "0" };

    public static Command Create() => new PlanCommand().Build();

    private Command Build()
    {
        var command = new Command("plan", About) { _rate, _slo, _percentile, _fit, _noise, _cv, _overhead, _rows, _maxBatch, _minReplicas, _maxReplicas, _gpus, _price, _variant, _accuracyFloor, _accuracyPrice };
        command.SetAction(parsed => Run(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private int Run(ParseResult parsed, TextWriter output, TextWriter errors)
    {
        try
        {
            var (text, holds) = new PlanText(Read(parsed)).Render();
            output.Write(text);
            return holds ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (FormatException e)
        {
            errors.WriteLine(e.Message);
            return ExitCodes.BadArguments;
        }
    }

    /// <exception cref="FormatException">An option is wrong; the message names it.</exception>
    private PlanOptions Read(ParseResult parsed)
    {
        var gpus = new OptionText("--gpus").Count(parsed.GetValue(_gpus), 0, GpusMax);
        var price = parsed.GetValue(_price) is { } text ? new OptionText("--gpu-price").Number(text, 0, 1e6) : (double?)null;
        var least = new OptionText("--min-replicas").Count(parsed.GetValue(_minReplicas), 1, ReplicasMax);
        var question = new LoadQuestion
        {
            Service = ReadFit(parsed),
            Variants = ReadVariants(parsed.GetValue(_variant) ?? []),
            AccuracyFloor = parsed.GetValue(_accuracyFloor) is { } floor ? new OptionText("--accuracy-floor").Share(floor) : null,
            AccuracyPrice = new OptionText("--accuracy-price").Number(parsed.GetValue(_accuracyPrice), 0, 1e9),
            ReplicaPrice = price * Math.Max(1, gpus),
            RequestsPerSecond = 0,
            RowsPerRequest = new OptionText("--rows").Number(parsed.GetValue(_rows), 1, 4096),
            Variation = new OptionText("--cv").Number(parsed.GetValue(_cv), 0, 20),
            Slo = parsed.GetValue(_slo) is { } slo ? ReadSlo(slo, parsed.GetValue(_percentile)!) : null,
            OverheadSeconds = new OptionText("--overhead").Seconds(parsed.GetValue(_overhead), 0, 600),
            BatchMax = new OptionText("--max-batch").Count(parsed.GetValue(_maxBatch), 1, 4096),
            ReplicasMin = least,
            ReplicasMax = parsed.GetValue(_maxReplicas) is { } most ? new OptionText("--max-replicas").Count(most, least, ReplicasMax) : ReplicasMax,
        };
        return new PlanOptions(
            question,
            ReadRates(parsed.GetValue(_rate) ?? []),
            gpus,
            price);
    }

    private static ImmutableArray<double> ReadRates(IEnumerable<string> texts)
    {
        var option = new OptionText("--rate");
        ImmutableArray<double> rates = [.. texts.SelectMany(static t => t.Split(',')).Select(t => option.Number(t, 0, 1e7))];
        return rates.Length <= RatesMax
            ? rates
            : throw new FormatException($"--rate: {rates.Length} rates are given, at most {RatesMax} can be");
    }

    private ServiceTime.Fitted ReadFit(ParseResult parsed)
    {
        var text = parsed.GetValue(_fit)!; // Required.
        var fields = new OptionText("--fit").Fields(text, "a", "m", "noise");
        var noise = parsed.GetValue(_noise);
        if (noise is not null && fields.ContainsKey("noise"))
        {
            throw new FormatException("--noise: --fit has a noise already");
        }

        var fit = PlantText.Fit(text, []);
        return new ServiceTime.Fitted(fit.Fixed, fit.PerRow, MeanVariance: 0, SlopeVariance: 0)
        {
            RelativeNoise = noise is null ? fit.Noise : new OptionText("--noise").Share(noise),
        };
    }

    private static ImmutableArray<LoadVariant> ReadVariants(string[] texts)
    {
        var option = new OptionText("--variant");
        ImmutableArray<LoadVariant> variants = [.. texts.Select(text =>
        {
            var fields = option.Fields(text, "name", "a", "m", "accuracy", "noise");
            if (!fields.TryGetValue("name", out var name) || name.Length is 0 or > NameLengthMax || name == VariantShares.Full || !fields.TryGetValue("a", out var a) || !fields.TryGetValue("m", out var m))
            {
                throw new FormatException($"--variant: '{text}' lacks name=, a= or m=, as in name=small,a=3ms,m=0.25ms,accuracy=0.985; the model itself is {VariantShares.Full}");
            }

            var service = new ServiceTime.Fitted(option.Seconds(a, 0, 3600), option.Seconds(m, 0, 3600), MeanVariance: 0, SlopeVariance: 0)
            {
                RelativeNoise = fields.TryGetValue("noise", out var noise) ? option.Share(noise) : 0,
            };
            return service.Mean(1) > 0
                ? new LoadVariant(name, service, fields.TryGetValue("accuracy", out var accuracy) ? option.Share(accuracy) : null)
                : throw new FormatException($"--variant: an execution of {name} takes some time, so a and m are not both 0");
        })];
        return variants.Length > VariantsMax ? throw new FormatException($"--variant: {variants.Length} are given, at most {VariantsMax} can be")
            : variants.Select(static v => v.Name).Distinct(StringComparer.Ordinal).Count() < variants.Length ? throw new FormatException("--variant: two have the same name")
            : variants;
    }

    private static SloSpec ReadSlo(string target, string percentile)
    {
        new OptionText("--slo").Seconds(target, 0.0001, 600);
        new OptionText("--percentile").Number(percentile, 50, 99.99);
        return new SloSpec
        {
            Latency = new LatencySloSpec { Target = Duration.Parse(target), Percentile = decimal.Parse(percentile, CultureInfo.InvariantCulture).ToString("0.##", CultureInfo.InvariantCulture) },
        };
    }
}
