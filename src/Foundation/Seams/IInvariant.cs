namespace Kontor.Foundation.Seams;

/// <summary>Something about the stored data that must hold at any time; `/health/invariants` shows each violation.</summary>
public interface IInvariant
{
    /// <summary>Kebab-case, for instance `shop-stock-ledger`.</summary>
    string Name { get; }

    /// <summary>One sentence for each row that breaks it; empty when it holds. At most 100.</summary>
    Task<IReadOnlyList<string>> Violations(CancellationToken ct);
}
