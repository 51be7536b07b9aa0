using System.Globalization;
using InferenceRuntime.Onnx.Schema;

namespace InferenceRuntime.Onnx.Checking;

/// <summary>
/// Walks a graph and its subgraphs in the order of execution: checks that every value is produced before it is read, and
/// gathers what the summary tells. Stops at the first fault.
/// </summary>
internal sealed class GraphWalk(int nestingMax)
{
    private readonly Dictionary<(string Domain, string Name), string> _operators = [];
    private readonly List<ExternalData> _external = [];

    /// <summary>Nodes seen.</summary>
    public int Nodes { get; private set; }

    /// <summary>Bytes of the weights seen.</summary>
    public long InitializerBytes { get; private set; }

    /// <summary>Operators seen, sorted by domain and name.</summary>
    public IEnumerable<OperatorUse> Operators => _operators
        .Select(use => new OperatorUse(use.Key.Domain, use.Key.Name, use.Value))
        .OrderBy(use => use.Domain, StringComparer.Ordinal).ThenBy(use => use.Name, StringComparer.Ordinal);

    /// <summary>Pieces of other files that weights lie in.</summary>
    public IReadOnlyList<ExternalData> External => _external;

    /// <summary>What is wrong with the graph; null when nothing is.</summary>
    public string? Fault(GraphProto graph) => Fault(graph, outer: null, depth: 0, where: "graph");

    private string? Fault(GraphProto graph, Scope? outer, int depth, string where)
    {
        if (depth > nestingMax)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{where}: subgraphs are nested more than {nestingMax} deep");
        }

        var scope = new Scope(outer);
        foreach (var input in graph.Input)
        {
            scope.Names.Add(input.Name);
        }

        if (InitializerFault(graph, scope, where) is { } fault)
        {
            return fault;
        }

        for (var i = 0; i < graph.Node.Count; i++)
        {
            if (NodeFault(graph.Node[i], i, scope, depth, where) is { } nodeFault)
            {
                return nodeFault;
            }
        }

        foreach (var output in graph.Output)
        {
            if (!scope.Knows(output.Name))
            {
                return $"{where}: output '{output.Name}' is produced by no node";
            }
        }

        return null;
    }

    private string? InitializerFault(GraphProto graph, Scope scope, string where)
    {
        foreach (var initializer in graph.Initializer)
        {
            if (TensorFault(initializer, $"{where}: initializer '{initializer.Name}'") is { } fault)
            {
                return fault;
            }

            scope.Names.Add(initializer.Name);
        }

        foreach (var sparse in graph.SparseInitializer)
        {
            var name = sparse.Values?.Name ?? string.Empty;
            var fault = TensorFault(sparse.Values, $"{where}: sparse initializer '{name}'")
                ?? TensorFault(sparse.Indices, $"{where}: indices of sparse initializer '{name}'");
            if (fault is not null)
            {
                return fault;
            }

            scope.Names.Add(name);
        }

        return null;
    }

    private string? NodeFault(NodeProto node, int index, Scope scope, int depth, string where)
    {
        Nodes++;
        var name = string.Create(CultureInfo.InvariantCulture, $"{where}: node {index} ({Qualified(node)} '{node.Name}')");
        if (node.OpType.Length == 0)
        {
            return $"{name} names no operator";
        }

        _operators.TryAdd((node.Domain.Length == 0 ? OnnxFile.DefaultDomain : node.Domain, node.OpType), node.Name);
        foreach (var input in node.Input)
        {
            // An empty name stands for an optional input that is left out.
            if (input.Length > 0 && !scope.Knows(input))
            {
                return $"{name} reads '{input}', which no input, initializer or earlier node produces";
            }
        }

        foreach (var attribute in node.Attribute)
        {
            if (AttributeFault(attribute, scope, depth, $"{name}, attribute '{attribute.Name}'") is { } fault)
            {
                return fault;
            }
        }

        foreach (var output in node.Output)
        {
            if (output.Length > 0 && !scope.Names.Add(output))
            {
                return $"{name} produces '{output}', which exists already";
            }
        }

        return null;
    }

    private string? AttributeFault(AttributeProto attribute, Scope scope, int depth, string where)
    {
        if (attribute.T is { } tensor && TensorFault(tensor, where) is { } fault)
        {
            return fault;
        }

        foreach (var item in attribute.Tensors)
        {
            if (TensorFault(item, where) is { } itemFault)
            {
                return itemFault;
            }
        }

        if (attribute.G is { } graph && Fault(graph, scope, depth + 1, where) is { } graphFault)
        {
            return graphFault;
        }

        foreach (var item in attribute.Graphs)
        {
            if (Fault(item, scope, depth + 1, where) is { } itemFault)
            {
                return itemFault;
            }
        }

        return null;
    }

    private string? TensorFault(TensorProto? tensor, string where)
    {
        if (tensor is null)
        {
            return $"{where} has no values";
        }

        foreach (var dimension in tensor.Dims)
        {
            if (dimension < 0)
            {
                return $"{where} has a negative dimension";
            }
        }

        if (tensor.DataLocation is not TensorProto.Types.DataLocation.External)
        {
            InitializerBytes += BytesWithin(tensor);
            return null;
        }

        if (ExternalLocation.Read(tensor, out var external) is { } fault)
        {
            return $"{where}: {fault}";
        }

        InitializerBytes += Math.Max(0, external.Length);
        _external.Add(external);
        return null;
    }

    private static long BytesWithin(TensorProto tensor)
    {
        var bytes = tensor.RawData.Length
            + (4L * tensor.FloatData.Count) + (4L * tensor.Int32Data.Count)
            + (8L * tensor.Int64Data.Count) + (8L * tensor.DoubleData.Count) + (8L * tensor.Uint64Data.Count);
        foreach (var text in tensor.StringData)
        {
            bytes += text.Length;
        }

        return bytes;
    }

    private static string Qualified(NodeProto node) =>
        node.Domain is "" or OnnxFile.DefaultDomain ? node.OpType : $"{node.Domain}.{node.OpType}";

    private sealed class Scope(Scope? outer)
    {
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

        public bool Knows(string name)
        {
            for (var scope = this; scope is not null; scope = scope.Outer)
            {
                if (scope.Names.Contains(name))
                {
                    return true;
                }
            }

            return false;
        }

        private Scope? Outer { get; } = outer;
    }
}
