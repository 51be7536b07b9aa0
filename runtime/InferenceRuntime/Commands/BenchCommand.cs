using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using InferenceRuntime.Load;

namespace InferenceRuntime.Commands;

/// <summary><c>inference-runtime bench</c>: load on a server, measured from the instant at which each request was due.</summary>
internal static class BenchCommand
{
    private const long RequestBytesMax = 512L << 20;
    private const int DrawnRows = 64;

    private static readonly Option<Uri> Url = new("--url") { Description = "The server, http://HOST:PORT.", Required = true, CustomParser = ParseServer };
    private static readonly Option<string> Model = new("--model") { Description = "The model's name. It must have one input.", Required = true };
    private static readonly Option<string> Protocol = Choice("--protocol", "REST with tensors as raw bytes or as JSON, or gRPC; --url is then the gRPC port.", "binary", "json", "grpc");
    private static readonly Option<double?> Rate = new("--rate") { Description = "Open loop: requests per second for --duration." };
    private static readonly Option<string?> Phases = new("--phases") { Description = "Open loop: RATE:DURATION[,RATE:DURATION…], for example 400:10s,2800:20s. A rate FROM-TO changes evenly over its phase." };
    private static readonly Option<bool> Hold = new("--hold") { Description = "A line on standard input keeps the rate of the phase under way where it is until the phase ends." };
    private static readonly Option<int?> Concurrency = new("--concurrency") { Description = "Closed loop: so many clients, each sends its next request when it has the last reply." };
    private static readonly Option<TimeSpan> Duration = Time("--duration", "Length of the measured load.", TimeSpan.FromSeconds(10));
    private static readonly Option<TimeSpan> WarmUp = Time("--warmup", "Load before anything is counted.", TimeSpan.FromSeconds(2));
    private static readonly Option<TimeSpan> Limit = Time("--timeout", "A request without a reply for longer is lost.", TimeSpan.FromSeconds(10));
    private static readonly Option<TimeSpan?> Slo = OptionalTime("--slo", "Latency that attainment is counted against.");
    private static readonly Option<int> Rows = new("--rows") { Description = "Rows of each request, at least 1.", DefaultValueFactory = static _ => 1 };
    private static readonly Option<string> Input = new("--input") { Description = "'random', or a CSV file: a row a line, columns beyond the input's row (labels) are left out.", DefaultValueFactory = static _ => "random" };
    private static readonly Option<int?> Distinct = new("--distinct") { Description = "So many different inputs in turn, from 1 to 16777216: the first element counts. For FP32, not for JSON." };
    private static readonly Option<double> Scale = new("--scale") { Description = "Values of the CSV file are multiplied by this.", DefaultValueFactory = static _ => 1 };
    private static readonly Option<FileInfo?> Expect = new("--expect") { Description = "CSV file of the answers that each input row has to get (see predict), within 1e-4 and with the same argmax. Not for JSON." };
    private static readonly Option<string> Arrivals = Choice("--arrivals", "Open loop: how gaps are drawn.", "poisson", "uniform");
    private static readonly Option<int> Connections = new("--connections") { Description = "Open loop: most requests on the wire at once; the wait of later ones counts.", DefaultValueFactory = static _ => 64 };
    private static readonly Option<int> Seed = new("--seed") { Description = "Seed of arrivals and of random input.", DefaultValueFactory = static _ => 1 };
    private static readonly Option<FileInfo?> Output = new("--output") { Description = "Write the report to this file, as JSON." };
    private static readonly Option<bool> Progress = new("--progress") { Description = "Print a JSON line each second instead of the table at the end." };

    public static Command Create()
    {
        var command = new Command("bench", "Puts load on a server and measures latency from the instant at which each request was due.")
        {
            Url, Model, Protocol, Rate, Phases, Hold, Concurrency, Duration, WarmUp, Limit, Slo, Rows, Input, Distinct, Scale, Expect, Arrivals, Connections, Seed, Output, Progress,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>What is wrong between or within the options; null when nothing is.</summary>
    private static string? Fault(ParseResult arguments)
    {
        var loads = new[] { arguments.GetValue(Rate) is not null, arguments.GetValue(Phases) is not null, arguments.GetValue(Concurrency) is not null };
        if (loads.Count(static given => given) != 1)
        {
            return "give one of --rate, --phases and --concurrency";
        }

        if (arguments.GetValue(Phases) is { } phases && LoadPhase.TryParse(phases, out var error) is null)
        {
            return $"--phases: {error}";
        }

        if (arguments.GetValue(Rate) is not null and not (> 0 and <= 1_000_000))
        {
            return "--rate must be above 0 and at most 1000000";
        }

        if (arguments.GetValue(Concurrency) is < 1 or > 10_000 || arguments.GetValue(Connections) is < 1 or > 10_000 || arguments.GetValue(Rows) is < 1 or > 65_536)
        {
            return "--concurrency and --connections must be 1 to 10000, --rows 1 to 65536";
        }

        if (arguments.GetValue(Distinct) is { } distinct
            && (distinct is < 1 or > DistinctElement.CountMax || arguments.GetValue(Protocol) == "json" || arguments.GetValue(Expect) is not null))
        {
            return $"--distinct must be 1 to {DistinctElement.CountMax}, with --protocol binary or grpc and without --expect";
        }

        return arguments.GetValue(Expect) is not null && arguments.GetValue(Protocol) == "json" ? "--expect needs --protocol binary or grpc" : null;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (Fault(arguments) is { } fault)
        {
            await Console.Error.WriteLineAsync($"bench: {fault}");
            return 2;
        }

        LoadReport report;
        try
        {
            var options = await OptionsAsync(arguments, cancellationToken);
            var progress = arguments.GetValue(Progress) ? (Action<LoadProgress>)PrintProgress : null;
            var generator = new LoadGenerator(options, TimeProvider.System);
            if (arguments.GetValue(Hold))
            {
                HoldOnLines(generator);
            }

            report = await generator.RunAsync(progress, cancellationToken);
        }
        catch (Exception broken) when (broken is HttpRequestException or InvalidOperationException or FormatException or IOException)
        {
            await Console.Error.WriteLineAsync($"bench: {broken.Message}");
            return 2;
        }

        if (!arguments.GetValue(Progress))
        {
            LoadTable.Write(report, Console.Out);
        }

        if (arguments.GetValue(Output) is { } file)
        {
            await File.WriteAllTextAsync(file.FullName, JsonSerializer.Serialize(report, LoadJson.Default.LoadReport), cancellationToken);
        }

        return report.Total is { Lost: 0, Wrong: 0 } ? 0 : 1;
    }

    private static void HoldOnLines(LoadGenerator generator)
    {
        // A thread of its own: reading the console's input blocks, its asynchronous form too.
        var thread = new Thread(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                generator.Hold();
            }
        })
        { IsBackground = true, Name = "hold" };
        thread.Start();
    }

    private static async Task<LoadOptions> OptionsAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var server = arguments.GetRequiredValue(Url);
        var model = arguments.GetRequiredValue(Model);
        var rows = arguments.GetValue(Rows);
        var protocol = Enum.Parse<LoadProtocol>(arguments.GetRequiredValue(Protocol), ignoreCase: true);
        var facts = await (protocol == LoadProtocol.Grpc
            ? ServedModelFacts.ReadGrpcAsync(server, model, cancellationToken)
            : ServedModelFacts.ReadAsync(server, model, cancellationToken));
        var file = arguments.GetRequiredValue(Input);
        var input = file == "random"
            ? InputRows.Drawn(facts, DrawnRows, arguments.GetValue(Seed))
            : InputRows.FromCsv(file, facts.RowElements, arguments.GetValue(Scale));
        var expected = arguments.GetValue(Expect) is { } answers ? ExpectedAnswers.Read(answers.FullName) : null;
        if (expected is not null && expected.Count != input.Rows.Count)
        {
            throw new FormatException($"--expect has {expected.Count} rows, --input has {input.Rows.Count}");
        }

        return new LoadOptions
        {
            Server = server,
            Model = model,
            Protocol = protocol,
            Rows = rows,
            Shape = Shape(arguments),
            Requests = Requests(server, model, facts, input, rows, protocol),
            Distinct = arguments.GetValue(Distinct) is { } count ? Distinguish(count, facts, rows) : null,
            Expected = expected,
            WarmUp = arguments.GetValue(WarmUp),
            Timeout = arguments.GetValue(Limit),
            Slo = arguments.GetValue(Slo),
            Seed = arguments.GetValue(Seed),
        };
    }

    private static LoadShape Shape(ParseResult arguments)
    {
        if (arguments.GetValue(Concurrency) is { } clients)
        {
            return new LoadShape.Closed(clients, arguments.GetValue(Duration));
        }

        var phases = arguments.GetValue(Phases) is { } text
            ? LoadPhase.TryParse(text, out _)!   // checked before
            : [new LoadPhase(arguments.GetValue(Rate)!.Value, arguments.GetValue(Duration))];
        return new LoadShape.Open(phases, arguments.GetValue(Arrivals) == "uniform" ? ArrivalKind.Uniform : ArrivalKind.Poisson, arguments.GetValue(Connections));
    }

    private static List<byte[]> Requests(Uri server, string model, ServedModelFacts facts, InputRows input, int rows, LoadProtocol protocol)
    {
        var requests = new List<byte[]>();
        var bytes = 0L;
        for (var first = 0; first < input.Rows.Count && bytes < RequestBytesMax; first += rows)
        {
            requests.Add(RequestBytes.Build(server, model, facts, input, first, rows, protocol));
            bytes += requests[^1].Length;
        }

        return requests;
    }

    private static DistinctElement Distinguish(int count, ServedModelFacts facts, int rows) => facts.Datatype == "FP32"
        ? new DistinctElement(count, checked((int)(facts.RowElements * rows * sizeof(float))))
        : throw new InvalidOperationException($"--distinct is for FP32 inputs; this one is {facts.Datatype}");

    private static void PrintProgress(LoadProgress progress) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(progress, LoadJson.Default.LoadProgress));

    private static Option<string> Choice(string name, string description, params string[] choices)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => choices[0] };
        option.AcceptOnlyFromAmong(choices);
        return option;
    }

    private static Option<TimeSpan> Time(string name, string description, TimeSpan usual) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, CustomParser = static result => ParseTime(result) ?? default };

    private static Option<TimeSpan?> OptionalTime(string name, string description) =>
        new(name) { Description = description, CustomParser = ParseTime };

    private static Uri? ParseServer(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var server) && server.Scheme == Uri.UriSchemeHttp)
        {
            return server;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not http://HOST:PORT");
        return null;
    }

    private static TimeSpan? ParseTime(ArgumentResult result)
    {
        if (DurationText.TryParse(result.Tokens[0].Value, out var duration))
        {
            return duration;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not a duration such as 500ms or 10s");
        return null;
    }
}
