using System.CommandLine;
using InferenceOperator.Benchmarks.Serving;
using InferenceOperator.Benchmarks.Start;

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

var program = new Option<string>("--program")
{
    Description = "The inference-runtime to start, for example one that was published with -r.",
    DefaultValueFactory = static _ => Path.Combine(AppContext.BaseDirectory, "inference-runtime"),
};
var start = new Command("start", "From process start to the first answer.") { quick, program, output };
start.SetAction(async (arguments, cancellationToken) =>
{
    var report = await new StartSuite(arguments.GetRequiredValue(program), ServingSuite.RepositoryFolder("models"), arguments.GetValue(quick) ? 3 : 15).RunAsync(cancellationToken);
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
    start,
    BareLoop.Command(),
    EmptyEndpoint.Command(),
}.Parse(args).InvokeAsync();
