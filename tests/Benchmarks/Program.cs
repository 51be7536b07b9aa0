using System.CommandLine;
using InferenceOperator.Benchmarks.Autoscaling;
using InferenceOperator.Benchmarks.Caching;
using InferenceOperator.Benchmarks.Local;
using InferenceOperator.Benchmarks.Model;
using InferenceOperator.Benchmarks.Operator;
using InferenceOperator.Benchmarks.Report;
using InferenceOperator.Benchmarks.Rollout;
using InferenceOperator.Benchmarks.Serving;
using InferenceOperator.Benchmarks.Start;

var quick = new Option<bool>("--quick") { Description = "A rougher answer, of fewer models, in a minute or two." };
var output = new Option<FileInfo?>("--out") { Description = "Also write the report to this file, as JSON." };

var part = new Option<string[]>("--part") { Description = $"Only this part, one of {string.Join(", ", ServingSuite.Parts)}; may be given again." };
part.AcceptOnlyFromAmong(ServingSuite.Parts);
var serving = new Command("serving", "The server against a bare loop over ONNX Runtime and against an empty endpoint.") { quick, part, output };
serving.SetAction(async (arguments, cancellationToken) =>
{
    var report = await new ServingSuite(arguments.GetValue(quick), arguments.GetValue(part) ?? []).RunAsync(cancellationToken);
    return Show(report, arguments.GetValue(output));
});

var cache = new Command("cache", "The cache policies against each other and against the bound; what each costs.") { quick, output };
cache.SetAction(arguments => Show(new CacheSuite(arguments.GetValue(quick)).Run(), arguments.GetValue(output)));

var model = new Command("model", "What the latency model and a control step cost.") { quick, output };
model.SetAction(arguments => Show(new ModelSuite(arguments.GetValue(quick)).Run(), arguments.GetValue(output)));

var rateScale = new Option<double>("--rate-scale") { Description = "Rates of days and busy hours times this; at 1 the trace takes one to three replicas. Above 0, at most 100.", DefaultValueFactory = static _ => 5 };
rateScale.Validators.Add(static given =>
{
    if (given.GetValueOrDefault<double>() is not (> 0 and <= 100))
    {
        given.AddError("--rate-scale must be above 0 and at most 100");
    }
});
var seeds = new Option<int?>("--seeds") { Description = "Seeds of the two busy hours. [default: 10, with --quick 1]" };
var days = new Option<int?>("--days") { Description = "Held-back days that are run, 0 to 4, at their own rate and at that of --rate-scale. [default: 4, with --quick none]" };
var autoscalingPart = new Option<string[]>("--part") { Description = $"Only this part, one of {string.Join(", ", AutoscalingSuite.Parts)}; may be given again." };
autoscalingPart.AcceptOnlyFromAmong(AutoscalingSuite.Parts);
var autoscaling = new Command("autoscaling", "The controller against its peers, in the simulator, on held-back days of a trace.") { autoscalingPart, quick, rateScale, seeds, days, output };
autoscaling.SetAction(arguments =>
{
    var isQuick = arguments.GetValue(quick);
    var suite = new AutoscalingSuite(
        arguments.GetValue(rateScale),
        Math.Max(1, arguments.GetValue(seeds) ?? (isQuick ? 1 : 10)),
        Math.Clamp(arguments.GetValue(days) ?? (isQuick ? 0 : 4), 0, 4),
        arguments.GetValue(autoscalingPart) ?? [],
        Console.Error.WriteLine);
    return Show(suite.Run(), arguments.GetValue(output));
});

var trials = new Option<int?>("--seeds") { Description = "Simulated hours of each story. [default: 2000, with --quick 100]" };
var rollout = new Command("rollout", "The gate of roll-outs: how often it sends an equal revision back, and how soon a worse one. Two minutes.") { quick, trials, output };
rollout.SetAction(arguments => Show(new RolloutSuite(Math.Max(1, arguments.GetValue(trials) ?? (arguments.GetValue(quick) ? 100 : 2000))).Run(), arguments.GetValue(output)));

var localPart = new Option<string[]>("--part") { Description = $"Only this part, one of {string.Join(", ", LocalSuite.Parts)}; may be given again." };
localPart.AcceptOnlyFromAmong(LocalSuite.Parts);
var local = new Command("local", "The local mode through a step to four times the rate, and what the simulator says of the same step; a step with and without a burst variant; what the endpoint adds to a request. Eight minutes.") { localPart, output };
local.SetAction(async (arguments, cancellationToken) => Show(await new LocalSuite().RunAsync(arguments.GetValue(localPart) ?? [], cancellationToken), arguments.GetValue(output)));

var minutes = new Option<double>("--minutes") { Description = "How long, at least 3.", DefaultValueFactory = static _ => 10 };
minutes.Validators.Add(static given =>
{
    if (given.GetValueOrDefault<double>() < 3)
    {
        given.AddError("--minutes must be at least 3");
    }
});
var soak = new Command("soak", "The server at 80 % of its capacity for minutes: memory, handles, errors.") { minutes, output };
soak.SetAction(async (arguments, cancellationToken) =>
{
    var report = await new SoakSuite(TimeSpan.FromMinutes(arguments.GetValue(minutes))).RunAsync(cancellationToken);
    return Show(report, arguments.GetValue(output));
});

var program = new Option<string>("--program")
{
    Description = "The inference-runtime to start, for example one that was published with -r.",
    DefaultValueFactory = static _ => Path.Combine(AppContext.BaseDirectory, "inference-runtime"),
};
var start = new Command("start", "From process start to the first answer.") { quick, program, output };
start.SetAction(async (arguments, cancellationToken) =>
{
    var rounds = arguments.GetValue(quick) ? 3 : 15;
    return Show(await new StartSuite(arguments.GetRequiredValue(program), Models.Folder, rounds).RunAsync(cancellationToken), arguments.GetValue(output));
});

var atOnce = new Option<int?>("--at-once") { Description = "Agents applied at once. [default: 1000, with --quick 200]" };
var many = new Option<int?>("--many") { Description = "Agents in the end. [default: 5000, with --quick 250]" };
var ofOperator = new Command("operator", "The operator on a real API server with thousands of agents. A quarter of an hour; with --quick a minute.") { quick, atOnce, many, output };
ofOperator.SetAction(async (arguments, cancellationToken) =>
{
    var isQuick = arguments.GetValue(quick);
    var first = Math.Max(1, arguments.GetValue(atOnce) ?? (isQuick ? 200 : OperatorSuite.AtOnceStated));
    var all = Math.Max(first, arguments.GetValue(many) ?? (isQuick ? 250 : OperatorSuite.ManyStated));
    return Show(await new OperatorSuite(first, all, isQuick).RunAsync(cancellationToken), arguments.GetValue(output));
});

return await new RootCommand("Measures what the project promises. Prints Markdown; the last table holds the bars.")
{
    serving,
    soak,
    start,
    cache,
    model,
    autoscaling,
    rollout,
    local,
    ofOperator,
    BareLoop.Command(),
    EmptyEndpoint.Command(),
    LoadSource.Command(),
}.Parse(args).InvokeAsync();

static int Show(SuiteReport report, FileInfo? file)
{
    report.WriteTo(Console.Out);
    if (file is not null)
    {
        using var stream = file.Create();
        report.WriteJson(stream);
    }

    return report.Bars.Any(static bar => bar.Holds is Verdict.No) ? 1 : 0;
}
