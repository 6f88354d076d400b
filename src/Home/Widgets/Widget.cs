using System.Security.Cryptography;
using System.Text;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>One row of `home_widgets`.</summary>
/// <param name="Key">`deals` of the source `shop` is `shop.deals`; an admin's own has no dot.</param>
/// <param name="Source">Null for one that an admin wrote.</param>
/// <param name="Content">JSON, only of one that an admin wrote.</param>
/// <param name="Roles">Who may see it; empty for everybody, `anonymous` for whoever is not signed in.</param>
/// <param name="StartsAt">Milliseconds since 1970, as <paramref name="EndsAt"/>, at which it is no longer shown.</param>
/// <param name="Version">Grows by one with each change.</param>
internal sealed record Widget(
    string Id,
    string Key,
    string? Source,
    string? SourceKey,
    TypeName Type,
    IReadOnlyDictionary<string, string> Titles,
    string? Content,
    IReadOnlyList<string> Roles,
    long? StartsAt,
    long? EndsAt,
    long Priority,
    WidgetState State,
    long Version,
    long CreatedAt,
    long UpdatedAt)
{
    public Targeting Target { get; init; } = new();

    /// <summary>An admin wrote its titles, whoever says its content: what another system pushes, or is pulled of it, has none.</summary>
    public bool HasOwnTitles { get; init; }

    /// <summary>By which a reader's taste knows it; its source, or its team, when nobody chose one.</summary>
    public string Category => Target.Category ?? (Source is null ? Target.Team : Key[..Key.IndexOf('.')]);

    /// <summary>What shall be shown once somebody else agrees; null when nothing waits.</summary>
    public Proposal? Proposal { get; init; }

    /// <summary>Stands in a gate for whoever is not signed in; no account can have it.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Where an English title is always present, other languages fall back to it.</summary>
    public const string FallbackLanguage = "en";

    public string Title(string language) => Titles.TryGetValue(language, out var title) ? title : Titles[FallbackLanguage];
}

/// <param name="UserId">Whose wish it is; empty when that person is no more.</param>
/// <param name="Json">The widget as it shall be, as in a revision.</param>
internal sealed record Proposal(string UserId, string Json)
{
    /// <summary>Tells one wish from another, for whoever agrees to what they have read.</summary>
    public string Mark => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Json)))[..16];
}
