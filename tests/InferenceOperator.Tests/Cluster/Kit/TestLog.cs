using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace InferenceOperator.Tests.Cluster.Kit;

/// <summary>Writes what the operator logs to the test's standard error, so that a failed wait can be read.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Whether it only keeps the lines, and does not show them.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>What was logged so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    public void AddProvider(ILoggerProvider provider)
    {
        // There is only this one.
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel}: {formatter(state, exception)} {exception}";
        _lines.Enqueue(line);
        if (!IsQuiet)
        {
            Console.Error.WriteLine(line);
        }
    }

    public void Dispose()
    {
        // Nothing is held.
    }
}
