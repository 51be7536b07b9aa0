using Microsoft.Extensions.Logging.Console;

namespace InferenceOperator.Commands;

/// <summary>Logs on standard error, a line each; standard output is for what the commands print.</summary>
internal static class OperatorLogging
{
    /// <summary>The logs of the whole program.</summary>
    /// <param name="least">Lowest level that is written.</param>
    public static ILoggerFactory Create(LogLevel least = LogLevel.Information) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(least);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
        logging.Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
