using InferenceOperator.Local.Endpoint.Grpc;
using Microsoft.AspNetCore.Http;

namespace InferenceOperator.Tests.Local.Grpc;

/// <summary>Answers of fake replicas.</summary>
internal static class GrpcReplicas
{
    /// <summary>Answers each call by a message with its own bytes in one field.</summary>
    public static RequestDelegate Echo(byte field = 1) => async context =>
    {
        var frame = await ReadAsync(context);
        await AnswerAsync(context, new List<byte>().Bytes(field, frame.AsSpan(GrpcFrame.PrefixBytes)));
    };

    /// <summary>Answers by a status alone.</summary>
    public static RequestDelegate Refuse(string status, string message = "") => async context =>
    {
        await ReadAsync(context);
        GrpcAnswers.End(context, new GrpcStatus(status, message));
    };

    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var memory = new MemoryStream();
        await context.Request.Body.CopyToAsync(memory);
        return memory.ToArray();
    }

    public static Task AnswerAsync(HttpContext context, List<byte> message) => GrpcAnswers.WriteAsync(context, message);
}
