using System.CommandLine;
using InferenceOperator.Benchmarks.Serving;

var quick = new Option<bool>("--quick") { Description = "A rougher answer within 60 seconds." };
var output = new Option<FileInfo?>("--out") { Description = "Also write the report to this file, as JSON." };

var serving = new Command("serving", "The server against a bare loop over ONNX Runtime and against an empty endpoint.") { quick, output };
serving.SetAction(async (arguments, cancellationToken) =>
{
    var report = await new ServingSuite(arguments.GetValue(quick)).RunAsync(cancellationToken);
    report.WriteTo(Console.Out);
    if (arguments.GetValue(output) is { } file)
    {
        using var stream = file.Create();
        report.WriteJson(stream);
    }

    return report.Bars.Any(static bar => bar.Holds == "no") ? 1 : 0;
});

var minutes = new Option<double>("--minutes") { Description = "How long, at least 3.", DefaultValueFactory = static _ => 10 };
var soak = new Command("soak", "The server at 80 % of its capacity for minutes: memory, handles, errors.") { minutes, output };
soak.SetAction(async (arguments, cancellationToken) =>
{
    var report = await new SoakSuite(TimeSpan.FromMinutes(arguments.GetValue(minutes))).RunAsync(cancellationToken);
    report.WriteTo(Console.Out);
    if (arguments.GetValue(output) is { } file)
    {
        using var stream = file.Create();
        report.WriteJson(stream);
    }

    return report.Bars.Any(static bar => bar.Holds == "no") ? 1 : 0;
});

return await new RootCommand("Measures what the project promises. Prints Markdown; the last table holds the bars.")
{
    serving,
    soak,
    BareLoop.Command(),
    EmptyEndpoint.Command(),
}.Parse(args).InvokeAsync();
