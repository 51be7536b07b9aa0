using Google.Protobuf;

namespace InferenceOperator.Testing;

/// <summary>Reads the OTLP message ExportTraceServiceRequest; what tests have no use for is skipped.</summary>
/// <remarks>Source: opentelemetry-proto (https://github.com/open-telemetry/opentelemetry-proto), collector and trace, v1.</remarks>
internal static class TraceMessage
{
    private const int ErrorStatus = 2;

    public static List<ReceivedSpan> Read(byte[] message)
    {
        List<ReceivedSpan> spans = [];
        Fields(new CodedInputStream(message), (field, input) =>
        {
            if (field == 1)
            {
                ReadProgram(Inner(input), spans);
                return true;
            }

            return false;
        });
        return spans;
    }

    private static void ReadProgram(CodedInputStream input, List<ReceivedSpan> spans)
    {
        var resource = new Dictionary<string, object>();
        List<byte[]> scopes = [];
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1:
                    Fields(Inner(value), (inner, attribute) => inner == 1 && Add(Inner(attribute), resource));
                    return true;
                case 2:
                    scopes.Add(value.ReadBytes().ToByteArray());
                    return true;
                default:
                    return false;
            }
        });
        foreach (var scope in scopes)
        {
            Fields(new CodedInputStream(scope), (field, value) =>
            {
                if (field != 2)
                {
                    return false;
                }

                spans.Add(ReadSpan(Inner(value), resource));
                return true;
            });
        }
    }

    private static ReceivedSpan ReadSpan(CodedInputStream input, Dictionary<string, object> resource)
    {
        var attributes = new Dictionary<string, object>();
        List<(string, string)> links = [];
        var span = new ReceivedSpan("", "", "", "", 0, "", 0, 0, false, attributes, links, resource);
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1:
                    span = span with { TraceId = Hex(value) };
                    return true;
                case 2:
                    span = span with { SpanId = Hex(value) };
                    return true;
                case 3:
                    span = span with { State = value.ReadString() };
                    return true;
                case 4:
                    span = span with { ParentId = Hex(value) };
                    return true;
                case 5:
                    span = span with { Name = value.ReadString() };
                    return true;
                case 6:
                    span = span with { Kind = value.ReadEnum() };
                    return true;
                case 7:
                    span = span with { StartedAt = value.ReadFixed64() };
                    return true;
                case 8:
                    span = span with { EndedAt = value.ReadFixed64() };
                    return true;
                case 9:
                    return Add(Inner(value), attributes);
                case 13:
                    links.Add(ReadLink(Inner(value)));
                    return true;
                case 15:
                    span = span with { IsError = ReadStatus(Inner(value)) == ErrorStatus };
                    return true;
                default:
                    return false;
            }
        });
        return span;
    }

    private static (string TraceId, string SpanId) ReadLink(CodedInputStream input)
    {
        var (trace, span) = ("", "");
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1:
                    trace = Hex(value);
                    return true;
                case 2:
                    span = Hex(value);
                    return true;
                default:
                    return false;
            }
        });
        return (trace, span);
    }

    private static int ReadStatus(CodedInputStream input)
    {
        var code = 0;
        Fields(input, (field, value) =>
        {
            code = field == 3 ? value.ReadEnum() : code;
            return field == 3;
        });
        return code;
    }

    private static bool Add(CodedInputStream input, Dictionary<string, object> attributes)
    {
        var key = "";
        object content = "";
        Fields(input, (field, value) =>
        {
            switch (field)
            {
                case 1:
                    key = value.ReadString();
                    return true;
                case 2:
                    content = ReadValue(Inner(value));
                    return true;
                default:
                    return false;
            }
        });
        attributes[key] = content;
        return true;
    }

    private static object ReadValue(CodedInputStream input)
    {
        object content = "";
        Fields(input, (field, value) =>
        {
            content = field switch
            {
                1 => value.ReadString(),
                2 => value.ReadBool(),
                3 => value.ReadInt64(),
                4 => value.ReadDouble(),
                _ => throw new InvalidDataException($"a kind of attribute that tests do not know: {field}"),
            };
            return true;
        });
        return content;
    }

    private static void Fields(CodedInputStream input, Func<int, CodedInputStream, bool> read)
    {
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (!read(WireFormat.GetTagFieldNumber(tag), input))
            {
                input.SkipLastField();
            }
        }
    }

    private static CodedInputStream Inner(CodedInputStream input) => input.ReadBytes().CreateCodedInput();

    private static string Hex(CodedInputStream input) => Convert.ToHexStringLower(input.ReadBytes().Span);
}
