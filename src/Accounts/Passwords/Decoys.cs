using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// What stands in for the password of an address that nobody has. A foreign hash takes another time to check than one of ours, which
/// would tell that somebody has the address. So as many of a hundred made-up addresses get a hash of a kind as of a hundred accounts have
/// it, each address always the same: whoever measures learns what kind it is, and not whether it is there.
/// </summary>
internal sealed partial class Decoys(Database database, KeyRing ring, ILogger<Decoys> logger) : BackgroundService, IWarmUp
{
    private static readonly TimeSpan CountEvery = TimeSpan.FromMilliseconds(10 * Clock.Minute);

    private volatile IReadOnlyList<Share> _shares = [];

    private sealed record Count(string PepperId, long Accounts);

    /// <param name="UpTo">Part of all accounts, 0 to 1, together with the shares before.</param>
    private sealed record Share(double UpTo, StoredPassword Password);

    /// <summary>Null is an ordinary hash of ours.</summary>
    public StoredPassword? Of(string emailKey)
    {
        var shares = _shares;
        if (shares.Count == 0) return null;
        var hash = HMACSHA256.HashData(ring.Pepper.DecoyKey, Encoding.UTF8.GetBytes(emailKey));
        var point = BinaryPrimitives.ReadUInt32LittleEndian(hash) / (1.0 + uint.MaxValue);
        return shares.FirstOrDefault(share => point < share.UpTo)?.Password;
    }

    public async Task WarmUp(CancellationToken ct)
    {
        var counts = await database.Read(CountKinds, ct);
        var all = Math.Max(1, counts.Sum(count => count.Accounts));
        var (shares, upTo) = (new List<Share>(), 0L);
        foreach (var count in counts)
        {
            if (ForeignHash.OfKind(count.PepperId) is not { } decoy) continue;
            upTo += count.Accounts;
            shares.Add(new((double)upTo / all, decoy.ToStored()));
        }

        _shares = shares;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CountEvery);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await WarmUp(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    /// <summary>Counts all accounts only where some were imported; the index alone tells that from a step for each kind.</summary>
    private static async Task<List<Count>> CountKinds(Tx tx)
    {
        var (kinds, last) = (new List<string>(), "");
        while (await tx.First<string>("SELECT min(pepper_id) FROM accounts_users WHERE pepper_id > @last", new { last }) is { } next)
        {
            kinds.Add(next);
            last = next;
        }

        if (kinds.TrueForAll(kind => ForeignHash.OfKind(kind) is null)) return [];
        return await tx.Query<Count>("""
            SELECT pepper_id, count(*) AS accounts
            FROM accounts_users
            GROUP BY pepper_id
            ORDER BY pepper_id
            LIMIT 1000
            """);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The kinds of imported passwords could not be counted; this is tried again")]
    private partial void LogFailed(Exception exception);
}
