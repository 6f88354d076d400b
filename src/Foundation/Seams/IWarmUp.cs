namespace Kontor.Foundation.Seams;

/// <summary>What a module must have in memory before this node says it is ready. Runs after the migrations and the demo data.</summary>
public interface IWarmUp
{
    Task WarmUp(CancellationToken ct);
}
