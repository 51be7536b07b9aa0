using System.CommandLine;
using InferenceRuntime.Load;
using Microsoft.ML.OnnxRuntime;

namespace InferenceRuntime.Commands;

/// <summary><c>inference-runtime predict</c>: what the model answers for each row of a file, alone and without a server.</summary>
internal static class PredictCommand
{
    private static readonly Option<FileInfo> Model = new("--model") { Description = "The ONNX file; one input, FP32 output.", Required = true };
    private static readonly Option<FileInfo> Input = new("--input") { Description = "CSV file: a row a line, columns beyond the input's row (labels) are left out.", Required = true };
    private static readonly Option<double> Scale = new("--scale") { Description = "Values are multiplied by this.", DefaultValueFactory = static _ => 1 };
    private static readonly Option<FileInfo?> Output = new("--output") { Description = "Where to write the answers, a line of CSV for each row; standard output otherwise. With a file, a JSON line on standard output tells how many rows there were and the median time of one." };

    public static Command Create()
    {
        var command = new Command("predict", "Answers each row of a file alone, for bench --expect.") { Model, Input, Scale, Output };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        try
        {
            using var predictor = new RowPredictor(arguments.GetRequiredValue(Model).FullName);
            var input = InputRows.FromCsv(arguments.GetRequiredValue(Input).FullName, predictor.RowElements, arguments.GetValue(Scale));
            using var file = arguments.GetValue(Output)?.CreateText();
            var output = file ?? Console.Out;
            var clock = TimeProvider.System;
            var times = new List<double>();
            foreach (var row in input.Rows)
            {
                var startedAt = clock.GetTimestamp();
                var answer = predictor.PredictLine(row);
                times.Add(clock.GetElapsedTime(startedAt).TotalMilliseconds);
                output.WriteLine(answer);
            }

            if (file is not null)
            {
                times.Sort();
                Console.Out.WriteLine(FormattableString.Invariant($"{{\"rows\":{times.Count},\"medianMs\":{times[times.Count / 2]:0.0000}}}"));
            }

            return 0;
        }
        catch (Exception fault) when (fault is OnnxRuntimeException or InvalidOperationException or FormatException or IOException)
        {
            Console.Error.WriteLine($"predict: {fault.Message}");
            return 2;
        }
    }
}
