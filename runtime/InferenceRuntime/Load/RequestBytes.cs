using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using InferenceRuntime.Grpc.Messages;
using InferenceRuntime.Grpc.Protocol;

namespace InferenceRuntime.Load;

/// <summary>Whole requests, made once before the load starts so that sending them costs little.</summary>
internal static class RequestBytes
{
    /// <summary>The request for rows <paramref name="first"/>, first + 1, … (wrapping round) of <paramref name="input"/>.</summary>
    public static byte[] Build(Uri server, string model, ServedModelFacts facts, InputRows input, int first, int rows, LoadProtocol protocol)
    {
        var values = new List<double>(checked((int)(facts.RowElements * rows)));
        for (var i = 0; i < rows; i++)
        {
            values.AddRange(input.Rows[(first + i) % input.Rows.Count]);
        }

        if (protocol == LoadProtocol.Grpc)
        {
            return Frame(model, facts, rows, Encode(values, facts.Datatype));
        }

        var binary = protocol == LoadProtocol.Binary;
        var shape = string.Join(',', facts.RowShape.Prepend(rows).Select(static dimension => dimension.ToString(CultureInfo.InvariantCulture)));
        var tensor = $$"""{"name":"{{facts.Input}}","shape":[{{shape}}],"datatype":"{{facts.Datatype}}",""";
        var raw = binary ? Encode(values, facts.Datatype) : [];
        var numbers = string.Join(',', values.Select(static value => ((float)value).ToString("R", CultureInfo.InvariantCulture)));
        var json = binary
            ? $$"""{"inputs":[{{tensor}}"parameters":{"binary_data_size":{{raw.Length}} } }],"parameters":{"binary_data_output":true} }"""
            : $$"""{"inputs":[{{tensor}}"data":[{{numbers}}] } ] }""";
        var body = Encoding.UTF8.GetBytes(json);
        var head = $"POST /v2/models/{Uri.EscapeDataString(model)}/infer HTTP/1.1\r\nHost: {server.Authority}\r\n"
            + (binary
                ? $"Content-Type: application/octet-stream\r\nInference-Header-Content-Length: {body.Length}\r\n"
                : "Content-Type: application/json\r\n")
            + $"Content-Length: {body.Length + raw.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body, .. raw];
    }

    private static byte[] Frame(string model, ServedModelFacts facts, int rows, byte[] raw)
    {
        var message = new ModelInferRequest
        {
            ModelName = model,
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = facts.Input, Datatype = facts.Datatype, Shape = { facts.RowShape.Prepend(rows) } } },
            RawInputContents = { UnsafeByteOperations.UnsafeWrap(raw) },
        };
        return Frame(message);
    }

    /// <summary>A message as gRPC sends it: its prefix, then its bytes.</summary>
    public static byte[] Frame(IMessage message)
    {
        var frame = new byte[FrameReader.PrefixLength + message.CalculateSize()];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)(frame.Length - FrameReader.PrefixLength));
        message.WriteTo(frame.AsSpan(FrameReader.PrefixLength));
        return frame;
    }

    private static byte[] Encode(List<double> values, string datatype)
    {
        var size = datatype switch
        {
            "FP32" or "INT32" => 4,
            "FP64" or "INT64" => 8,
            "UINT8" or "INT8" or "BOOL" => 1,
            _ => throw new InvalidOperationException($"load is not made for inputs of type {datatype}"),
        };
        var bytes = new byte[checked(values.Count * size)];
        for (var i = 0; i < values.Count; i++)
        {
            var element = bytes.AsSpan(i * size);
            switch (datatype)
            {
                case "FP32":
                    BinaryPrimitives.WriteSingleLittleEndian(element, (float)values[i]);
                    break;
                case "FP64":
                    BinaryPrimitives.WriteDoubleLittleEndian(element, values[i]);
                    break;
                case "INT32":
                    BinaryPrimitives.WriteInt32LittleEndian(element, (int)values[i]);
                    break;
                case "INT64":
                    BinaryPrimitives.WriteInt64LittleEndian(element, (long)values[i]);
                    break;
                default:
                    element[0] = (byte)(int)values[i];
                    break;
            }
        }

        return bytes;
    }
}
