using Kontor.Foundation.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Email;

/// <summary>Forgets links and registrations that nobody can use any more.</summary>
internal sealed partial class LinkTidying(Database database, Links links, Registrations registrations, ILogger<LinkTidying> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await database.Write(
                    async tx =>
                    {
                        await links.Tidy(tx);
                        await registrations.Tidy(tx);
                    }, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old links could not be forgotten; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}
