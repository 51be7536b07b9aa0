using System.Collections.Frozen;
using System.Collections.Immutable;
using Google.Protobuf.Reflection;
using InferenceRuntime.Grpc.Messages.Reflection;
using InferenceRuntime.Grpc.Protocol;
using InferenceRuntime.Transport.Parsing;
using Request = InferenceRuntime.Grpc.Messages.Reflection.ServerReflectionRequest;

namespace InferenceRuntime.Grpc.Services;

/// <summary>grpc.reflection v1, and v1alpha whose messages are the same on the wire: what this server's definitions are. Immutable.</summary>
internal sealed class ReflectionService
{
    private readonly ImmutableArray<string> _services;
    private readonly FrozenDictionary<string, FileDescriptor> _files;
    private readonly FrozenDictionary<string, FileDescriptor> _symbols;

    /// <param name="files">The files whose services are served; with the files that they import.</param>
    public ReflectionService(params ReadOnlySpan<FileDescriptor> files)
    {
        var known = new Dictionary<string, FileDescriptor>();
        var services = new List<string>();
        foreach (var file in files)
        {
            Gather(file, known);
            services.AddRange(file.Services.Select(static s => s.FullName));
        }

        _services = [.. services.Order(StringComparer.Ordinal)];
        _files = known.ToFrozenDictionary();
        _symbols = known.Values.SelectMany(Symbols).ToFrozenDictionary();
    }

    /// <summary>Full names of the services, ascending.</summary>
    public IReadOnlyCollection<string> Services => _services;

    public ServerReflectionResponse Answer(Request request)
    {
        var reply = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case Request.MessageRequestOneofCase.ListServices:
                reply.ListServicesResponse = new ListServiceResponse { Service = { _services.Select(static s => new ServiceResponse { Name = s }) } };
                break;
            case Request.MessageRequestOneofCase.FileByFilename:
                AnswerFile(reply, _files, request.FileByFilename);
                break;
            case Request.MessageRequestOneofCase.FileContainingSymbol:
                AnswerFile(reply, _symbols, request.FileContainingSymbol);
                break;
            case Request.MessageRequestOneofCase.AllExtensionNumbersOfType when _symbols.ContainsKey(request.AllExtensionNumbersOfType):
                reply.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case Request.MessageRequestOneofCase.AllExtensionNumbersOfType:
                reply.ErrorResponse = NotFound(request.AllExtensionNumbersOfType);
                break;
            case Request.MessageRequestOneofCase.FileContainingExtension:
                reply.ErrorResponse = NotFound(request.FileContainingExtension.ContainingType);
                break;
            case Request.MessageRequestOneofCase.None:
            default:
                reply.ErrorResponse = new ErrorResponse { ErrorCode = (int)GrpcCode.InvalidArgument, ErrorMessage = "nothing is asked" };
                break;
        }

        return reply;
    }

    private static void AnswerFile(ServerReflectionResponse reply, FrozenDictionary<string, FileDescriptor> known, string name)
    {
        if (!known.TryGetValue(name, out var file))
        {
            reply.ErrorResponse = NotFound(name);
            return;
        }

        // With all that it imports, so that clients need not ask for each.
        var files = new Dictionary<string, FileDescriptor>();
        Gather(file, files);
        reply.FileDescriptorResponse = new FileDescriptorResponse { FileDescriptorProto = { files.Values.Select(static f => f.SerializedData) } };
    }

    private static ErrorResponse NotFound(string name) =>
        new() { ErrorCode = (int)GrpcCode.NotFound, ErrorMessage = $"this server does not know {ClientText.Quote(name)}" };

    private static void Gather(FileDescriptor file, Dictionary<string, FileDescriptor> into)
    {
        if (!into.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var import in file.Dependencies)
        {
            Gather(import, into);
        }
    }

    private static IEnumerable<KeyValuePair<string, FileDescriptor>> Symbols(FileDescriptor file)
    {
        IEnumerable<string> names =
        [
            .. file.Services.Select(static s => s.FullName),
            .. file.Services.SelectMany(static s => s.Methods).Select(static m => m.FullName),
            .. file.EnumTypes.Select(static e => e.FullName),
            .. file.MessageTypes.SelectMany(NamesIn),
        ];
        return names.Select(name => KeyValuePair.Create(name, file));
    }

    private static IEnumerable<string> NamesIn(MessageDescriptor message) =>
    [
        message.FullName,
        .. message.Fields.InDeclarationOrder().Select(static f => f.FullName),
        .. message.EnumTypes.Select(static e => e.FullName),
        .. message.NestedTypes.SelectMany(NamesIn),
    ];
}
