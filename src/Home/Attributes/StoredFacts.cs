using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Attributes;

/// <summary>What other teams' systems may tell of persons, and what they have told.</summary>
internal static class StoredFacts
{
    /// <summary>Raised with a person's id when something else was told of them, or with <see cref="Everybody"/>.</summary>
    public const string Signal = "home.facts";

    public const string Everybody = "";

    public const int AttributesPerSourceMax = 20;
    private const int AttributesMax = AttributesPerSourceMax * Sources.StoredSources.SourcesMax;

    public static readonly Problem TooMany =
        new(409, "too-many-attributes", $"The source has {AttributesPerSourceMax} attributes already.");

    public static readonly Problem StaleVersion = new(409, "stale-version", "The same or a later version was told already.");

    private sealed record Row(string Source, string Name, string Type, string Privacy, string Description, string? Allowed);

    private sealed record Told(string Source, long Version, string Facts);

    public static async Task<List<AttributeInfo>> Attributes(Tx tx)
    {
        var rows = await tx.Query<Row>($"""
            SELECT source, name, type, privacy, description, allowed FROM home_attributes
            ORDER BY source, name
            LIMIT {AttributesMax}
            """);
        return rows.ConvertAll(Read);
    }

    public static async Task<List<AttributeInfo>> AttributesOf(Tx tx, string source)
    {
        var rows = await tx.Query<Row>($"""
            SELECT source, name, type, privacy, description, allowed FROM home_attributes
            WHERE source = @source
            ORDER BY name
            LIMIT {AttributesPerSourceMax}
            """, new { source });
        return rows.ConvertAll(Read);
    }

    /// <summary>The type never changes, because rules and what was told rely on it; the rest becomes what is said now.</summary>
    public static async Task<Problem?> Declare(Tx tx, string source, PersonAttribute attribute, long now)
    {
        // One after the other, so that the count holds.
        await tx.First<string>($"SELECT key FROM home_sources WHERE key = @source {tx.Dialect.ForUpdate}", new { source });
        var known = await AttributesOf(tx, source);
        if (known.Find(one => one.Key == $"{source}.{attribute.Name}") is { } same && same.Type != attribute.Type)
            return DeclareAttribute.TypeDiffers.Because($"It is {NameOf(same.Type)}.");
        if (known.Count >= AttributesPerSourceMax && known.All(one => one.Key != $"{source}.{attribute.Name}")) return TooMany;
        await tx.Execute("""
            INSERT INTO home_attributes (source, name, type, privacy, description, allowed, created_at)
            VALUES (@source, @name, @type, @privacy, @description, @allowed, @now)
            ON CONFLICT (source, name) DO UPDATE
            SET privacy = excluded.privacy, description = excluded.description, allowed = excluded.allowed
            """, new
        {
            source,
            name = attribute.Name,
            type = NameOf(attribute.Type),
            privacy = NameOf(attribute.Privacy),
            description = attribute.Description,
            allowed = attribute.Values is null ? null : JsonSerializer.Serialize(attribute.Values),
            now,
        });
        return null;
    }

    /// <summary>All that a source tells of a person, in place of what it told before; the same again is done already.</summary>
    /// <param name="facts">A JSON object.</param>
    public static async Task<Problem?> Tell(Tx tx, string source, string userId, long version, string facts, long now)
    {
        var written = await tx.Execute("""
            INSERT INTO home_facts (user_id, source, version, facts, received_at)
            VALUES (@userId, @source, @version, @facts, @now)
            ON CONFLICT (user_id, source) DO UPDATE
            SET version = excluded.version, facts = excluded.facts, received_at = excluded.received_at
            WHERE home_facts.version < excluded.version
            """, new { userId, source, version, facts, now });
        if (written > 0)
        {
            tx.Signal(Signal, userId);
            return null;
        }

        var there = (await tx.First<Told>("""
            SELECT source, version, facts FROM home_facts
            WHERE user_id = @userId AND source = @source
            """, new { userId, source }))!;
        return there.Version == version && there.Facts == facts ? null : StaleVersion.With("version", there.Version);
    }

    /// <summary>What a source declared, and all that it told: it is no more.</summary>
    public static async Task Delete(Tx tx, string source)
    {
        await tx.Execute("DELETE FROM home_facts WHERE source = @source", new { source });
        await tx.Execute("DELETE FROM home_attributes WHERE source = @source", new { source });
        tx.Signal(Signal, Everybody);
    }

    /// <summary>Ordered by source and name.</summary>
    public static async Task<List<Fact>> Of(Tx tx, string userId)
    {
        var rows = await tx.Query<Told>($"""
            SELECT source, version, facts FROM home_facts
            WHERE user_id = @userId
            ORDER BY source
            LIMIT {Sources.StoredSources.SourcesMax}
            """, new { userId });
        return
        [
            .. rows.SelectMany(row => JsonElement.Parse(row.Facts).EnumerateObject()
                .OrderBy(one => one.Name, StringComparer.Ordinal).Select(one => new Fact(row.Source, one.Name, one.Value))),
        ];
    }

    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static AttributeInfo Read(Row row) => AttributeInfo.Of(row.Source, new(
        row.Name, Enum.Parse<AttributeType>(row.Type.Replace("-", "", StringComparison.Ordinal), ignoreCase: true),
        Enum.Parse<AttributePrivacy>(row.Privacy, ignoreCase: true), row.Description,
        row.Allowed is null ? null : JsonSerializer.Deserialize<string[]>(row.Allowed)));
}
