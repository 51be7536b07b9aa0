using System.Text;

namespace InferenceOperator.Tests.Local;

/// <summary>A model that takes and gives what <c>digits-mlp</c> does, and takes its time: a chain of large products. Written as ONNX by hand.</summary>
internal static class SlowModel
{
    private const int Width = 2048;
    private const int ProductsSlow = 300;

    /// <param name="path">Where it is written.</param>
    /// <param name="products">How long it takes; with few of them it is only one that answers otherwise than <c>digits-mlp</c>: all scores alike.</param>
    public static void Write(string path, int products = ProductsSlow)
    {
        List<byte[]> nodes = [.. Matrix("first", 64, Width), .. Matrix("middle", Width, Width), .. Matrix("last", Width, 10), Product("pixels", "first", "h0")];
        nodes.AddRange(Enumerable.Range(1, products).Select(static i => Product($"h{i - 1}", "middle", $"h{i}")));
        nodes.Add(Product($"h{products}", "last", "logits"));
        byte[] graph = [.. nodes.SelectMany(static node => Field(1, node)), .. Field(2, Text("slow")), .. Field(11, Value("pixels", 64)), .. Field(12, Value("logits", 10))];
        File.WriteAllBytes(path, [.. Number(1, 8), .. Field(7, graph), .. Field(8, [.. Field(1, []), .. Number(2, 13)])]);
    }

    private static byte[] Product(string left, string right, string output) => Node("MatMul", [left, right], output, []);

    /// <summary>Two nodes: the shape, and a matrix of one small value, so that the file stays small too.</summary>
    private static byte[][] Matrix(string name, int rows, int columns)
    {
        byte[] shape = [.. Number(1, 2), .. Number(2, 7), .. Field(9, [.. BitConverter.GetBytes((long)rows), .. BitConverter.GetBytes((long)columns)])];
        byte[] value = [.. Number(1, 1), .. Number(2, 1), .. Field(9, BitConverter.GetBytes(1f / Width))];
        return [Node("Constant", [], name + "_shape", Attribute("value", shape)), Node("ConstantOfShape", [name + "_shape"], name, Attribute("value", value))];
    }

    private static byte[] Node(string operation, string[] inputs, string output, byte[] attribute) =>
    [
        .. inputs.SelectMany(static input => Field(1, Text(input))), .. Field(2, Text(output)), .. Field(3, Text(output)), .. Field(4, Text(operation)),
        .. attribute.Length > 0 ? Field(5, attribute) : [],
    ];

    private static byte[] Attribute(string name, byte[] tensor) => [.. Field(1, Text(name)), .. Field(5, tensor), .. Number(20, 4)];

    private static byte[] Value(string name, int columns) =>
        [.. Field(1, Text(name)), .. Field(2, Field(1, [.. Number(1, 1), .. Field(2, [.. Field(1, Field(2, Text("batch"))), .. Field(1, Number(1, columns))])]))];

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static byte[] Field(int field, byte[] content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
