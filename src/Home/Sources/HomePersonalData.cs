using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Sources;

/// <summary>Home stores nothing about people; what a front page shows of their own lies in the nodes' memory for a while.</summary>
internal sealed class HomePersonalData(Database database) : IPersonalData
{
    /// <summary>Raised with a person's id, whom every node's memory is to forget.</summary>
    public const string Signal = "home.person-erased";

    public string Name => "home";

    public string? Stores => null;

    public Task Export(DataSubject person, ExportWriter export, CancellationToken ct) => Task.CompletedTask;

    public Task Erase(DataSubject person, CancellationToken ct) => database.Write(
        tx =>
        {
            tx.Signal(Signal, person.UserId);
            return Task.CompletedTask;
        }, ct);
}
