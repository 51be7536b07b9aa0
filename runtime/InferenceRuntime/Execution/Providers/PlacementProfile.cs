using System.Text.Json;
using InferenceRuntime.Execution.Sessions;

namespace InferenceRuntime.Execution.Providers;

/// <summary>Reads from a profile of ONNX Runtime where the nodes of a model ran, and how long. A pure function.</summary>
/// <remarks>
/// Kernels of an accelerator are only started by their node: what they took beyond that is waited for by the node that copies a result back, or
/// at the end of the run. So the time of a run is divided into that of nodes on the processor, each without the nodes of its subgraphs, and the
/// accelerator's: that of its own nodes and of what the run lasted beyond its nodes, which is copying in, waiting and copying out. The first half
/// of the runs is left out, being the one that compiles and allocates. Format: https://onnxruntime.ai/docs/performance/tune-performance/profiling-tools.html.
/// </remarks>
internal static class PlacementProfile
{
    private const string NodeSuffix = "_kernel_time";

    /// <summary>What the profile says of a model that was given to <paramref name="provider"/>.</summary>
    /// <param name="json">The whole profile: an array of events, times in microseconds.</param>
    /// <param name="provider">ONNX Runtime's name of it.</param>
    /// <exception cref="JsonException">It is no such array.</exception>
    public static PlacementReading Read(ReadOnlySpan<byte> json, string provider)
    {
        var (nodes, runs, executions) = Events(json);
        var named = nodes.Where(static node => !node.IsCopy).GroupBy(static node => node.Name, StringComparer.Ordinal).Select(static group => group.First()).ToList();
        double? nodeShare = named.Count == 0 ? null : (double)named.Count(static node => node.IsAccelerated) / named.Count;

        var (accelerated, all) = (0L, 0L);
        foreach (var run in runs.OrderBy(static run => run.Start).Skip(runs.Count / 2))
        {
            var inside = nodes.Where(node => run.Holds(node.Start)).OrderBy(static node => node.Start).ThenByDescending(static node => node.Duration).ToList();
            var own = OwnTimes(inside).ToList();
            var processor = own.Where(static part => !part.IsAccelerated).Sum(static part => part.Time);
            var waiting = run.Duration - executions.Where(execution => run.Holds(execution.Start)).Select(static execution => execution.Duration).DefaultIfEmpty(run.Duration).Max();
            var elsewhere = inside.Exists(static node => node.IsAccelerated) ? own.Where(static part => part.IsAccelerated).Sum(static part => part.Time) + Math.Max(0, waiting) : 0;
            accelerated += elsewhere;
            all += elsewhere + processor;
        }

        var left = named.Where(static node => !node.IsAccelerated).Select(static node => node.Operation).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return new(new(provider, nodeShare, all == 0 ? null : (double)accelerated / all), [.. left]);
    }

    /// <summary>Each node's time without that of the nodes inside it; the nodes by when they began.</summary>
    private static IEnumerable<(bool IsAccelerated, long Time)> OwnTimes(List<Event> nodes)
    {
        var inner = new long[nodes.Count];
        var open = new Stack<int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            while (open.Count > 0 && !nodes[open.Peek()].Holds(nodes[i].Start))
            {
                open.Pop();
            }

            if (open.Count > 0)
            {
                inner[open.Peek()] += nodes[i].Duration;
            }

            open.Push(i);
        }

        return nodes.Select((node, i) => (node.IsAccelerated, Math.Max(0, node.Duration - inner[i])));
    }

    private static (List<Event> Nodes, List<Event> Runs, List<Event> Executions) Events(ReadOnlySpan<byte> json)
    {
        var found = (Nodes: new List<Event>(), Runs: new List<Event>(), Executions: new List<Event>());
        var reader = new Utf8JsonReader(json);
        Expect(reader.Read() && reader.TokenType == JsonTokenType.StartArray);
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (category, one) = ReadEvent(ref reader);
            switch (category)
            {
                case "Node" when one.Name.EndsWith(NodeSuffix, StringComparison.Ordinal) && one.Provider.Length > 0:
                    found.Nodes.Add(one);
                    break;
                case "Session" when one.Name == "model_run":
                    found.Runs.Add(one);
                    break;
                case "Session" when one.Name == "SequentialExecutor::Execute":
                    found.Executions.Add(one);
                    break;
                default:
                    break; // Loading, and what other versions may add.
            }
        }

        Expect(reader.TokenType == JsonTokenType.EndArray);
        return found;
    }

    private static (string Category, Event Event) ReadEvent(ref Utf8JsonReader reader)
    {
        var (category, name, provider, operation) = ("", "", "", "");
        var (start, duration) = (0L, 0L);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.GetString();
            reader.Read();
            switch (key)
            {
                case "cat":
                    category = reader.GetString() ?? "";
                    break;
                case "name":
                    name = reader.GetString() ?? "";
                    break;
                case "ts":
                    start = reader.GetInt64();
                    break;
                case "dur":
                    duration = reader.GetInt64();
                    break;
                case "args" when reader.TokenType == JsonTokenType.StartObject:
                    while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                    {
                        var (isProvider, isOperation) = (reader.ValueTextEquals("provider"u8), reader.ValueTextEquals("op_name"u8));
                        reader.Read();
                        (provider, operation) = (isProvider ? reader.GetString() ?? "" : provider, isOperation ? reader.GetString() ?? "" : operation);
                        reader.Skip();
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return (category, new Event(name, provider, operation, start, duration));
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw new JsonException("the profile is not an array of events");
        }
    }

    private sealed record Event(string Name, string Provider, string Operation, long Start, long Duration)
    {
        public bool IsAccelerated => Provider != OnnxRuntimeLibrary.CpuProvider;

        /// <summary>Copies between devices are no nodes of the model, but cost it time.</summary>
        public bool IsCopy => Operation is "MemcpyToHost" or "MemcpyFromHost";

        public bool Holds(long time) => time >= Start && time < Start + Math.Max(1, Duration);
    }
}
