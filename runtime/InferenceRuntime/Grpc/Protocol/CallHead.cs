using Microsoft.Extensions.Primitives;

namespace InferenceRuntime.Grpc.Protocol;

/// <summary>Reads what the headers of a call say about it.</summary>
internal static class CallHead
{
    /// <summary>The media type of gRPC, before any suffix.</summary>
    public const string MediaType = "application/grpc";

    /// <summary>Encodings that are taken, as the client is told them.</summary>
    public const string Encodings = "identity,gzip";

    /// <summary>True for <c>application/grpc</c>, alone, with <c>+proto</c>, or with parameters.</summary>
    public static bool IsGrpc(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = contentType.AsSpan(MediaType.Length);
        if (rest.StartsWith("+proto", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest["+proto".Length..];
        }

        return rest.IsEmpty || rest[0] is ';' or ' ';
    }

    /// <summary>Reads encoding and deadline into the exchange; null when they are good.</summary>
    public static GrpcStatus? Read(GrpcExchange exchange, TimeProvider clock)
    {
        var headers = exchange.Request.Headers;
        var encoding = headers.GrpcEncoding;
        if (encoding.Count > 0 && encoding != "identity")
        {
            if (encoding != Gzip.Name)
            {
                return new GrpcStatus(GrpcCode.Unimplemented, "grpc-encoding: only identity and gzip are taken");
            }

            exchange.IsGzip = true;
            exchange.RepliesGzip = Accepts(headers.GrpcAcceptEncoding);
        }

        var timeout = headers.GrpcTimeout;
        return timeout.Count == 0 ? null : ReadTimeout(exchange, timeout, clock);
    }

    /// <summary>The timestamp so long after the call arrived; <see cref="long.MaxValue"/> when it lies beyond all time.</summary>
    public static long DeadlineAfter(long arrivedAt, long microseconds, TimeProvider clock)
    {
        var deadline = arrivedAt + ((Int128)microseconds * clock.TimestampFrequency / 1_000_000);
        return deadline > long.MaxValue ? long.MaxValue : (long)deadline;
    }

    private static GrpcStatus? ReadTimeout(GrpcExchange exchange, StringValues values, TimeProvider clock)
    {
        if (values.Count > 1 || !CallTimeout.TryParse(values[0] ?? "", out var timeout))
        {
            return GrpcStatus.Invalid("grpc-timeout: not one to eight digits and one of H M S m u n");
        }

        exchange.DeadlineAt = DeadlineAfter(exchange.ArrivedAt, timeout.Ticks / TimeSpan.TicksPerMicrosecond, clock);
        return null;
    }

    private static bool Accepts(StringValues values)
    {
        foreach (var value in values)
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                if (value.AsSpan()[part].Trim().SequenceEqual(Gzip.Name))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
