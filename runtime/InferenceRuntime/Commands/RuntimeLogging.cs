using Microsoft.Extensions.Logging.Console;

namespace InferenceRuntime.Commands;

/// <summary>Logs of the program: one line each, on standard error, so that standard output holds answers only.</summary>
internal static class RuntimeLogging
{
    public static ILoggerFactory Create() => LoggerFactory.Create(static logging => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        .AddSimpleConsole(static o =>
        {
            o.SingleLine = true;
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            o.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .Services.Configure<ConsoleLoggerOptions>(static o => o.LogToStandardErrorThreshold = LogLevel.Trace));
}
