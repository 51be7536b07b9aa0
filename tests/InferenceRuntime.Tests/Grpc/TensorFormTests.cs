using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using InferenceRuntime.Core.Tensors;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Tests.Transport;

namespace InferenceRuntime.Tests.Grpc;

public sealed class TensorFormTests
{
    public static TheoryData<Datatype> Datatypes => [.. Enum.GetValues<Datatype>()];

    [Theory]
    [MemberData(nameof(Datatypes))]
    public async Task Every_datatype_in_raw_form_gets_the_answer_that_REST_gives(Datatype datatype)
    {
        var signature = EchoEngine.Model(batched: true, ("x", datatype, [-1]));
        byte[] bytes = datatype == Datatype.Bytes ? [2, 0, 0, 0, 0xC3, 0xBF, 0, 0, 0, 0, 1, 0, 0, 0, 0xFF] : [.. Enumerable.Range(0, 3 * datatype.ElementSize()).Select(static i => (byte)(i % 2))];
        await using var rest = await EchoServer.StartAsync(signature);
        var (grpc, _) = await GrpcServer.StartEchoAsync(signature);
        await using var disposing = grpc;
        using var caller = new GrpcCaller(grpc.Url);

        var reply = (await caller.CallAsync("ModelInfer", Requests.Raw(("x", datatype.WireName(), [3], bytes)))).Reply(ModelInferResponse.Parser);
        var other = await rest.InferAsync(
            $$$"""{"inputs":[{"name":"x","shape":[3],"datatype":"{{{datatype.WireName()}}}","parameters":{"binary_data_size":{{{bytes.Length}}}}}],"parameters":{"binary_data_output":true}}""", bytes);

        Assert.Equal(200, other.Status);
        Assert.Equal(other.Body[^bytes.Length..], reply.RawOutputContents[0].ToByteArray());
        Assert.Equal(datatype.WireName(), reply.Outputs[0].Datatype);
        Assert.Equal([3], reply.Outputs[0].Shape);
    }

    public static TheoryData<string, object, byte[]> TypedForms => new()
    {
        { "BOOL", new InferTensorContents { BoolContents = { true, false, true } }, [1, 0, 1] },
        { "INT8", new InferTensorContents { IntContents = { -128, 0, 127 } }, [0x80, 0, 0x7F] },
        { "INT16", new InferTensorContents { IntContents = { -2, 0, 1 } }, [0xFE, 0xFF, 0, 0, 1, 0] },
        { "INT32", new InferTensorContents { IntContents = { int.MinValue, 0, -1 } }, [0, 0, 0, 0x80, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "INT64", new InferTensorContents { Int64Contents = { long.MinValue, 0, -1 } }, Bytes<long>(long.MinValue, 0, -1) },
        { "UINT8", new InferTensorContents { UintContents = { 0, 1, 255 } }, [0, 1, 255] },
        { "UINT16", new InferTensorContents { UintContents = { 0, 1, 65535 } }, Bytes<ushort>(0, 1, 65535) },
        { "UINT32", new InferTensorContents { UintContents = { 0, 1, uint.MaxValue } }, Bytes<uint>(0, 1, uint.MaxValue) },
        { "UINT64", new InferTensorContents { Uint64Contents = { 0, 1, ulong.MaxValue } }, Bytes<ulong>(0, 1, ulong.MaxValue) },
        { "FP32", new InferTensorContents { Fp32Contents = { 0.5f, float.NaN, -1 } }, Bytes(0.5f, float.NaN, -1) },
        { "FP64", new InferTensorContents { Fp64Contents = { 0.5, double.NegativeInfinity, -1 } }, Bytes(0.5, double.NegativeInfinity, -1) },
        { "BYTES", new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("ab"), ByteString.Empty, ByteString.CopyFrom(0xFF) } }, [2, 0, 0, 0, 97, 98, 0, 0, 0, 0, 1, 0, 0, 0, 0xFF] },
    };

    [Theory]
    [MemberData(nameof(TypedForms))]
    public async Task Typed_contents_of_every_datatype_are_taken(string datatype, object contents, byte[] expected)
    {
        Assert.True(InferenceRuntime.Core.Tensors.Datatypes.TryParse(Encoding.ASCII.GetBytes(datatype), out var type));
        var (server, _) = await GrpcServer.StartEchoAsync(EchoEngine.Model(batched: true, ("x", type, [-1])));
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);
        var typed = Requests.Typed(("x", datatype, [3], (InferTensorContents)contents));

        var packed = await caller.CallAsync("ModelInfer", typed);
        var single = await caller.SendAsync(GrpcCaller.Service + "ModelInfer", GrpcCaller.Frame(Unpacked(datatype, (InferTensorContents)contents)));

        Assert.Equal(expected, packed.Reply(ModelInferResponse.Parser).RawOutputContents[0].ToByteArray());
        Assert.Equal(expected, single.Reply(ModelInferResponse.Parser).RawOutputContents[0].ToByteArray());
    }

    public static TheoryData<string, object> BadRequests
    {
        get
        {
            var mixed = Requests.Raw(("x", "INT8", [1], [1]));
            mixed.Inputs[0].Contents = new InferTensorContents { IntContents = { 1 } };
            var missing = Requests.Raw(("x", "INT8", [1], [1]));
            missing.RawInputContents.Add(ByteString.CopyFrom(1));
            var parameter = Requests.Raw(("x", "INT8", [1], [1]));
            parameter.Parameters["timeout"] = new InferParameter { Int64Param = -1 };
            var priority = Requests.Raw(("x", "INT8", [1], [1]));
            priority.Parameters["priority"] = new InferParameter { StringParam = "high" };
            var shared = Requests.Raw(("x", "INT8", [1], [1]));
            shared.Inputs[0].Parameters["shared_memory_region"] = new InferParameter { StringParam = "r" };
            var output = Requests.Raw(("x", "INT8", [1], [1]));
            output.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" });
            return new TheoryData<string, object>
            {
                { "beside raw_input_contents", mixed },
                { "raw_input_contents: 2 for 1 inputs", missing },
                { "parameters.timeout", parameter },
                { "parameters.priority", priority },
                { "'shared_memory_region' is not supported", shared },
                { "no output 'y'", output },
                { "raw_input_contents[0]", Requests.Raw(("x", "INT8", [2], [1])) },
                { "datatype: is FP32", Requests.Raw(("x", "FP32", [1], new byte[4])) },
                { "'float' is not a datatype", Requests.Raw(("x", "float", [1], new byte[4])) },
                { "shape: is [1,1]", Requests.Raw(("x", "INT8", [1, 1], [1])) },
                { "shape[0]", Requests.Raw(("x", "INT8", [-1], [1])) },
                { "shape[0]: a batch of 0 rows", Requests.Raw(("x", "INT8", [0], [])) },
                { "more than 32 dimensions", Requests.Raw(("x", "INT8", [.. Enumerable.Repeat(1L, 33)], [1])) },
                { "given twice", Requests.Raw(("x", "INT8", [1], [1]), ("x", "INT8", [1], [1])) },
                { "no input 'y'", Requests.Raw(("y", "INT8", [1], [1])) },
                { "'x' is missing", Requests.Raw() },
                { "not in the range of INT8", Requests.Typed(("x", "INT8", [1], new InferTensorContents { IntContents = { 128 } })) },
                { "elements of another type than INT8", Requests.Typed(("x", "INT8", [1], new InferTensorContents { Fp32Contents = { 1 } })) },
                { "fewer elements than the 1000000000", Requests.Typed(("x", "INT8", [1_000_000_000], new InferTensorContents { IntContents = { 1 } })) },
                { "more than 1 elements", Requests.Typed(("x", "INT8", [1], new InferTensorContents { IntContents = { 1, 2 } })) },
                { "fewer elements than the 1 of", Requests.Typed(("x", "INT8", [1], null)) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task A_bad_request_is_refused_by_name(string names, object request)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(EchoEngine.Model(batched: true, ("x", Datatype.Int8, [-1])));
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.CallAsync("ModelInfer", (ModelInferRequest)request);

        Assert.Equal(3, result.Code);
        Assert.Contains(names, result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task Half_floats_have_no_typed_form(string datatype)
    {
        var (server, _) = await GrpcServer.StartEchoAsync(EchoEngine.Model(batched: true, ("x", datatype == "FP16" ? Datatype.Fp16 : Datatype.Bf16, [-1])));
        await using var disposing = server;
        using var caller = new GrpcCaller(server.Url);

        var result = await caller.CallAsync("ModelInfer", Requests.Typed(("x", datatype, [1], new InferTensorContents { Fp32Contents = { 1 } })));

        Assert.Equal(3, result.Code);
        Assert.Contains("raw_input_contents", result.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes<T>(params T[] values)
        where T : struct => MemoryMarshal.AsBytes<T>(values).ToArray();

    /// <summary>The same request with each element as a field of its own, as proto2 clients send them.</summary>
    private static byte[] Unpacked(string datatype, InferTensorContents contents)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            foreach (var value in contents.BoolContents)
            {
                output.WriteTag(1, Google.Protobuf.WireFormat.WireType.Varint);
                output.WriteBool(value);
            }

            foreach (var value in contents.IntContents)
            {
                output.WriteTag(2, Google.Protobuf.WireFormat.WireType.Varint);
                output.WriteInt32(value);
            }

            foreach (var value in contents.Int64Contents)
            {
                output.WriteTag(3, Google.Protobuf.WireFormat.WireType.Varint);
                output.WriteInt64(value);
            }

            foreach (var value in contents.UintContents)
            {
                output.WriteTag(4, Google.Protobuf.WireFormat.WireType.Varint);
                output.WriteUInt32(value);
            }

            foreach (var value in contents.Uint64Contents)
            {
                output.WriteTag(5, Google.Protobuf.WireFormat.WireType.Varint);
                output.WriteUInt64(value);
            }

            foreach (var value in contents.Fp32Contents)
            {
                output.WriteTag(6, Google.Protobuf.WireFormat.WireType.Fixed32);
                output.WriteFloat(value);
            }

            foreach (var value in contents.Fp64Contents)
            {
                output.WriteTag(7, Google.Protobuf.WireFormat.WireType.Fixed64);
                output.WriteDouble(value);
            }

            foreach (var value in contents.BytesContents)
            {
                output.WriteTag(8, Google.Protobuf.WireFormat.WireType.LengthDelimited);
                output.WriteBytes(value);
            }
        }

        // What follows the known fields of a message is its content in another form: written as raw bytes of field 5.
        var request = Requests.Typed(("x", datatype, [3], null));
        var tensor = request.Inputs[0].ToByteArray();
        request.Inputs.Clear();
        byte[] withContents = [.. tensor, 0x2A, (byte)stream.Length, .. stream.ToArray()];
        return [.. request.ToByteArray(), 0x2A, (byte)withContents.Length, .. withContents];
    }
}
