using Microsoft.Extensions.Logging.Console;

namespace Kontor;

/// <summary>One line an event: for eyes in a terminal, as JSON everywhere else.</summary>
internal static class Logs
{
    public static void Add(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // Its own "unhandled exception" repeats what is logged where exceptions become answers.
        logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.None);
        // It warns that keys are not encrypted at rest; the folder is its owner's alone, and docs/running.md says so.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        logging.AddFilter("Kontor", LogLevel.Information);
        // What is said to the person goes to the standard output, and the log beside it.
        logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        if (Console.IsErrorRedirected)
        {
            logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "HH:mm:ss ";
            });
        }
    }
}
