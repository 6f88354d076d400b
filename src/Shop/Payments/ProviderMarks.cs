using System.Collections.Concurrent;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Shop.Payments;

/// <summary>
/// What this shop's payments carry at a provider: the same as long as the database lives, whichever node asks, and restored with a backup.
/// </summary>
internal sealed class ProviderMarks(Database database, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    public async ValueTask<string> Of(string provider, CancellationToken ct) =>
        _known.TryGetValue(provider, out var known) ? known : _known[provider] = await Make(provider, ct);

    private Task<string> Make(string provider, CancellationToken ct) => database.Write(async tx =>
    {
        await tx.Execute("""
            INSERT INTO shop_payment_providers (name, mark, reconciled_at)
            VALUES (@provider, @mark, 0)
            ON CONFLICT (name) DO NOTHING
            """, new { provider, mark = Ids.New(time) });
        return (await tx.First<string>("SELECT mark FROM shop_payment_providers WHERE name = @provider", new { provider }))!;
    }, ct);
}
