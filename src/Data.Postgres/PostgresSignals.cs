using Kontor.Foundation.Events;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Kontor.Data.Postgres;

/// <summary>Hears other nodes' signals over LISTEN. After a lost connection every subscriber is told to look for itself.</summary>
internal sealed partial class PostgresSignals(NpgsqlDataSource source, Signals signals, ILogger<PostgresSignals> logger) : BackgroundService
{
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(15);

    public static string Message(string node, string channel, string payload) => $"{node}\n{channel}\n{payload}";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(stoppingToken);
                try
                {
                    await Listen(connection, stoppingToken);
                }
                finally
                {
                    // The pool opens others: whoever got this one next would be sent what nobody there listens to.
                    source.Clear();
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // Whatever it was: a service that fails ends the whole server, and this one is made up for.
                LogLost(exception);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Listen(NpgsqlConnection connection, CancellationToken ct)
    {
        connection.Notification += (_, notification) => Hear(notification.Payload);
        await using (var listen = new NpgsqlCommand("LISTEN kontor", connection)) await listen.ExecuteNonQueryAsync(ct);
        // What was said before this node began to listen, or while it could not.
        signals.RaiseLost();
        await using var ask = new NpgsqlCommand("SELECT 1", connection);
        // A connection whose other end is gone without a word is silent like one on which nothing is said; so it is asked.
        while (true)
        {
            if (!await connection.WaitAsync(SilenceMax, ct)) await ask.ExecuteNonQueryAsync(ct);
        }
    }

    private void Hear(string message)
    {
        var parts = message.Split('\n', 3);
        // This node has raised its own when it committed them.
        if (parts.Length == 3 && parts[0] != signals.Node) signals.Raise(parts[1], parts[2]);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The channel between the nodes is lost; it is opened again every second")]
    private partial void LogLost(Exception exception);
}
