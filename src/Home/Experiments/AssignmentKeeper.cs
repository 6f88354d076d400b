using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Experiments;

/// <summary>
/// Keeps the memory of assignments as young as the database, and forgets those of experiments that were archived long ago.
/// </summary>
internal sealed partial class AssignmentKeeper(
    Signals signals, Assignments assignments, Database database, TimeProvider time, ILogger<AssignmentKeeper> logger) : BackgroundService
{
    /// <summary>As long as somebody may want to look at results again.</summary>
    private const long KeptMs = 90 * Clock.Day;

    private static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var assigned = signals.Subscribe(StoredAssignments.Signal, assignments.Forget);
        using var erased = signals.Subscribe(
            HomePersonalData.Signal, userId => assignments.Forget(StoredAssignments.PayloadOf(Subject.Person, userId)));
        signals.Lost += assignments.ForgetAll;
        // What was told before anybody listened.
        assignments.ForgetAll();
        try
        {
            while (true)
            {
                await Tidy(stoppingToken);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
        finally
        {
            signals.Lost -= assignments.ForgetAll;
        }
    }

    private async Task Tidy(CancellationToken ct)
    {
        try
        {
            // Some at a time, so that no writer waits long.
            while (await database.Write(tx => StoredAssignments.Tidy(tx, time.NowMs() - KeptMs).AsTask(), ct) > 0)
            {
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogUntidy(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old assignments could not be deleted; the next hour tries again")]
    private partial void LogUntidy(Exception exception);
}
