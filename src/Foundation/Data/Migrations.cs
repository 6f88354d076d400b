using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Logging;

namespace Kontor.Foundation.Data;

/// <summary>
/// Brings every module's tables up to the build: embedded files `Schema/NNN-name.sqlite.sql` and `.postgres.sql`, applied in
/// the order of their numbers, once each, while no other node does. A file that changed after it was applied, or a database that is
/// newer than
/// the build, stops the start.
/// </summary>
public sealed partial class Migrations(
    Database database, IEnumerable<IModule> modules, TimeProvider time, ILogger<Migrations> logger)
{
    private sealed record Migration(string Module, long Number, string Name, string Sql, string Checksum);

    private sealed record Applied(string Module, long Number, string Checksum);

    public Task Apply(CancellationToken ct = default)
    {
        var wanted = Of("foundation", typeof(Migrations).Assembly)
            .Concat(modules.SelectMany(module => Of(module.Name, module.GetType().Assembly))).ToList();
        return database.Exclusively(tx => Apply(tx, wanted), ct);
    }

    private async Task Apply(Tx tx, List<Migration> wanted)
    {
        await tx.Execute("""
            CREATE TABLE IF NOT EXISTS foundation_migrations (
                module TEXT NOT NULL, number BIGINT NOT NULL, name TEXT NOT NULL,
                checksum TEXT NOT NULL, applied_at BIGINT NOT NULL,
                PRIMARY KEY (module, number))
            """);
        var applied = await tx.Query<Applied>("SELECT module, number, checksum FROM foundation_migrations");
        RefuseWhatTheBuildDoesNotKnow(applied, wanted);
        foreach (var migration in wanted)
        {
            var earlier = applied.Find(one => one.Module == migration.Module && one.Number == migration.Number);
            if (earlier is not null && earlier.Checksum != migration.Checksum)
                throw new MigrationException(
                    $"Migration {migration.Module} {migration.Number} changed after it was applied. Restore it, and add another.");
            if (earlier is not null) continue;
            await tx.Execute(migration.Sql);
            await tx.Execute("""
                INSERT INTO foundation_migrations (module, number, name, checksum, applied_at)
                VALUES (@module, @number, @name, @checksum, @now)
                """, new
            {
                module = migration.Module,
                number = migration.Number,
                name = migration.Name,
                checksum = migration.Checksum,
                now = time.NowMs(),
            });
            LogApplied(migration.Module, migration.Number, migration.Name);
        }
    }

    private static void RefuseWhatTheBuildDoesNotKnow(List<Applied> applied, List<Migration> wanted)
    {
        foreach (var one in applied)
        {
            var known = wanted.Where(migration => migration.Module == one.Module).Select(migration => migration.Number).ToList();
            // A module that is not part of this build keeps its tables; one that is must not be older than they are.
            if (known.Count > 0 && !known.Contains(one.Number))
                throw new MigrationException(
                    $"The database is newer than this build: it has migration {one.Module} {one.Number}. Start the newer build.");
        }
    }

    private IEnumerable<Migration> Of(string module, Assembly assembly) => assembly.GetManifestResourceNames()
        .Select(resource => (resource, match: FileName().Match(resource)))
        .Where(found => found.match.Success && found.match.Groups["engine"].Value == database.Dialect.Name)
        .Select(found =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(found.resource)!);
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            var number = long.Parse(found.match.Groups["number"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
            return new Migration(module, number, found.match.Groups["name"].Value, sql, checksum);
        })
        .OrderBy(migration => migration.Number);

    [GeneratedRegex(@"\.Schema\.(?<number>\d{3})-(?<name>[a-z0-9-]+)\.(?<engine>sqlite|postgres)\.sql$")]
    private static partial Regex FileName();

    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Module} {Number} {Name}")]
    private partial void LogApplied(string module, long number, string name);
}

/// <summary>The database and this build do not fit; the message says what to do.</summary>
public sealed class MigrationException(string message) : Exception(message);
