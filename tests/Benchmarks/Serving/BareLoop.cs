using System.CommandLine;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using SessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace InferenceOperator.Benchmarks.Serving;

/// <summary>
/// The limit that a server on ONNX Runtime can reach on one core: a loop over <c>RunWithBinding</c> with everything bound once,
/// no transport, no queue, no copies. Runs as a process of its own so that it can be pinned to the server's core.
/// </summary>
internal static class BareLoop
{
    public static Command Command()
    {
        var model = new Option<string>("--model") { Required = true };
        var rows = new Option<int>("--rows") { Required = true };
        var seconds = new Option<double>("--seconds") { Required = true };
        var command = new Command("bare-loop", "Rows per second of ONNX Runtime alone.") { model, rows, seconds };
        command.Hidden = true;
        command.SetAction(arguments =>
        {
            Console.WriteLine(Measure(arguments.GetRequiredValue(model), arguments.GetRequiredValue(rows), arguments.GetRequiredValue(seconds)));
        });
        return command;
    }

    private static BareRate Measure(string model, int rows, double seconds)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };
        options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        using var session = new InferenceSession(model, options);
        using var run = new RunOptions();
        using var binding = session.CreateIoBinding();
        foreach (var (name, input) in session.InputMetadata)
        {
            long[] shape = [rows, .. input.Dimensions.Skip(1).Select(static dimension => (long)dimension)];
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType, shape);
            Fill(value, input.ElementDataType);
            binding.BindInput(name, value);
        }

        foreach (var name in session.OutputMetadata.Keys)
        {
            binding.BindOutputToDevice(name, OrtMemoryInfo.DefaultInstance);
        }

        Loop(session, run, binding, seconds / 5);
        var (executions, elapsed, used) = Loop(session, run, binding, seconds);
        return new BareRate(executions * rows / elapsed.TotalSeconds, used.TotalMicroseconds / (executions * rows));
    }

    private static (double Executions, TimeSpan Elapsed, TimeSpan Used) Loop(InferenceSession session, RunOptions run, OrtIoBinding binding, double seconds)
    {
        var clock = TimeProvider.System;
        var before = Environment.CpuUsage.TotalTime;
        var start = clock.GetTimestamp();
        var executions = 0;
        TimeSpan elapsed;
        do
        {
            session.RunWithBinding(run, binding);
            executions++;
            elapsed = clock.GetElapsedTime(start);
        }
        while (elapsed.TotalSeconds < seconds);

        return (executions, elapsed, Environment.CpuUsage.TotalTime - before);
    }

    private static void Fill(OrtValue value, TensorElementType type)
    {
        if (type is TensorElementType.Int64)
        {
            var elements = value.GetTensorMutableDataAsSpan<long>();
            for (var i = 0; i < elements.Length; i++)
            {
                elements[i] = i % 20;
            }
        }
        else
        {
            var elements = value.GetTensorMutableDataAsSpan<float>();
            for (var i = 0; i < elements.Length; i++)
            {
                elements[i] = i % 17 / 16f;
            }
        }
    }
}
