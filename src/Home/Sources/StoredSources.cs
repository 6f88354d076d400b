using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Sources.Pulled;

namespace Kontor.Home.Sources;

/// <summary>Systems of other teams that push content or are pulled, and the keys by which they are known.</summary>
internal static class StoredSources
{
    public const int SourcesMax = 200;
    public const int KeysMax = 10;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such source.");
    public static readonly Problem Taken = new(409, "source-taken", "Another source has this name.");
    public static readonly Problem TooMany = new(409, "too-many-sources", $"There are {SourcesMax} sources already.");
    public static readonly Problem TooManyKeys = new(409, "too-many-keys", $"The source has {KeysMax} keys already. End one first.");
    public static readonly Problem InUse = new(409, "source-in-use", "Rules ask what this source tells of persons. Change them first.");
    public static readonly Problem KeyInvalid = new(401, "source-key-invalid", "The key is none of this source's.");

    public sealed record Source(string Key, string Team, long CreatedAt);

    public sealed record Key(string Id, string Source, bool IsSandbox, long CreatedAt);

    public static async Task<Outcome<Source>> Create(Tx tx, Source source)
    {
        if (await tx.First<long>("SELECT COUNT(*) FROM home_sources") >= SourcesMax) return TooMany;
        var written = await tx.Execute("""
            INSERT INTO home_sources (key, team, created_at)
            VALUES (@key, @team, @createdAt)
            ON CONFLICT (key) DO NOTHING
            """, new { key = source.Key, team = source.Team, createdAt = source.CreatedAt });
        return written == 0 ? Taken : source;
    }

    public static ValueTask<List<Source>> All(Tx tx) =>
        tx.Query<Source>($"SELECT key, team, created_at FROM home_sources ORDER BY key LIMIT {SourcesMax}");

    public static ValueTask<Source?> Find(Tx tx, string key) =>
        tx.First<Source>("SELECT key, team, created_at FROM home_sources WHERE key = @key", new { key });

    /// <summary>Those that are good.</summary>
    public static ValueTask<List<Key>> Keys(Tx tx) => tx.Query<Key>($"""
        SELECT id, source, is_sandbox, created_at FROM home_source_keys
        WHERE ended_at IS NULL
        ORDER BY source, id
        LIMIT {SourcesMax * KeysMax}
        """);

    public static ValueTask<List<Key>> KeysOf(Tx tx, string source) => tx.Query<Key>($"""
        SELECT id, source, is_sandbox, created_at FROM home_source_keys
        WHERE source = @source AND ended_at IS NULL
        ORDER BY id
        LIMIT {KeysMax}
        """, new { source });

    public static async Task<Problem?> SetTeam(Tx tx, string source, string team) =>
        await tx.Execute("UPDATE home_sources SET team = @team WHERE key = @source", new { source, team }) == 0 ? Unknown : null;

    /// <summary>With its keys, and all that it brought; its widgets are archived by whoever calls this.</summary>
    public static async Task<Problem?> Delete(Tx tx, string source)
    {
        if (await Lock(tx, source) is null) return Unknown;
        await StoredPulls.Remove(tx, source);
        await StoredSnapshots.Delete(tx, source);
        await Refusals.Delete(tx, source);
        await StoredFacts.Delete(tx, source);
        await tx.Execute("DELETE FROM home_push_windows WHERE source = @source", new { source });
        await tx.Execute("DELETE FROM home_source_keys WHERE source = @source", new { source });
        await tx.Execute("DELETE FROM home_sources WHERE key = @source", new { source });
        return null;
    }

    /// <returns>The key itself, which nobody can see again.</returns>
    public static async Task<Outcome<(Key Key, string Secret)>> AddKey(Tx tx, string source, bool isSandbox, TimeProvider time)
    {
        if (await Lock(tx, source) is null) return Unknown;
        var count = await tx.First<long>(
            "SELECT COUNT(*) FROM home_source_keys WHERE source = @source AND ended_at IS NULL", new { source });
        if (count >= KeysMax) return TooManyKeys;
        var key = new Key(Ids.New(time), source, isSandbox, time.NowMs());
        var secret = $"{source}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32))}";
        await tx.Execute("""
            INSERT INTO home_source_keys (id, source, hash, is_sandbox, created_at)
            VALUES (@id, @source, @hash, @isSandbox, @at)
            """, new { id = key.Id, source, hash = Hash(secret), isSandbox, at = key.CreatedAt });
        return (key, secret);
    }

    public static async Task<Problem?> EndKey(Tx tx, string source, string id, long now) =>
        await tx.Execute("""
            UPDATE home_source_keys SET ended_at = COALESCE(ended_at, @now)
            WHERE id = @id AND source = @source
            """, new { id, source, now }) == 0 ? Unknown : null;

    /// <summary>Null when the secret is no good key of this source.</summary>
    public static ValueTask<Key?> Authenticate(Tx tx, string source, string secret) => tx.First<Key>("""
        SELECT id, source, is_sandbox, created_at FROM home_source_keys
        WHERE hash = @hash AND source = @source AND ended_at IS NULL
        """, new { hash = Hash(secret), source });

    private static ValueTask<string?> Lock(Tx tx, string source) =>
        tx.First<string>($"SELECT key FROM home_sources WHERE key = @source {tx.Dialect.ForUpdate}", new { source });

    // 256 random bits need no salt and no slowness: nobody guesses one of them.
    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
