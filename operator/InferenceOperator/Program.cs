using System.CommandLine;
using InferenceOperator.Commands;

var root = new RootCommand("Keeps ONNX models under a latency SLO at the least cost: on a cluster, or on this machine.")
{
    RunCommand.Create(),
    LocalCommand.Create(),
    DemoCommand.Create(),
    StatusCommand.Create(TimeProvider.System),
    ValidateCommand.Create(),
    SimulateCommand.Create(),
    PlanCommand.Create(),
    ExplainCommand.Create(),
    ReplayCommand.Create(),
    PolicyCommand.Create(),
    CrdCommand.Create(),
};

// The commands take signals themselves: the library would end the process two seconds after the first.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
