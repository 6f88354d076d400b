namespace Kontor.Foundation.Seams;

/// <summary>
/// Fills an empty database so that there is something to see. Called at every start of a demo; does nothing the second time.
/// </summary>
public interface IDemoData
{
    Task Seed(CancellationToken ct);
}

/// <summary>The demo's people, by whom modules know each other's demo data.</summary>
public static class DemoPeople
{
    public const string AdminId = "01940000-0000-7000-8000-000000000001";
    public const string AdaId = "01940000-0000-7000-8000-000000000002";
}
