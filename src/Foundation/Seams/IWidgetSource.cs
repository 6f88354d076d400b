using System.Text.Json.Nodes;
using Kontor.Foundation.Data;

namespace Kontor.Foundation.Seams;

/// <summary>
/// A product's widgets for the home feed. Home asks in the background - when a widget is new, when <see cref="WidgetOffer.RefreshSeconds"/>
/// have passed, and when a <see cref="WidgetStale"/> arrives - and keeps the answers as versioned snapshots; a person's request
/// never waits for a product.
/// </summary>
public interface IWidgetSource
{
    /// <summary>The product's name, as its module's.</summary>
    string Name { get; }

    IReadOnlyList<WidgetOffer> Widgets { get; }

    /// <summary>The widget's content, valid for its type's JSON Schema; null when there is nothing to show.</summary>
    /// <param name="key">One of <see cref="Widgets"/>.</param>
    /// <param name="userId">Whom a personal widget is for; null for one that is the same for all.</param>
    Task<JsonObject?> Content(string key, string? userId, CancellationToken ct);
}

/// <summary>What a source offers. An admin may change when, to whom and how prominently it is shown, not what it is.</summary>
/// <param name="Key">Unique in its source, kebab-case.</param>
/// <param name="Type">`hero`, `product-grid`, `card-list` or `text`.</param>
/// <param name="Title">By language; `en` is always there.</param>
/// <param name="Priority">Higher stands further up; 0 to 1000.</param>
/// <param name="Personal">One snapshot for each person instead of one for all; shown to nobody who is not signed in.</param>
/// <param name="RefreshSeconds">The age at which Home asks again by itself.</param>
public sealed record WidgetOffer(
    string Key, string Type, IReadOnlyDictionary<string, string> Title, int Priority, bool Personal, int RefreshSeconds);

/// <summary>
/// Told by a product, in its own transaction, when what a widget shows has changed: a person's, or everybody's when none is named.
/// Home asks again at once;
/// should the message be lost, <see cref="WidgetOffer.RefreshSeconds"/> makes up for it.
/// </summary>
public sealed record WidgetStale(string Source, string Key, string? UserId)
{
    public const string Channel = "home.widget-stale";

    public void Tell(Tx tx) => tx.Signal(Channel, $"{Source}/{Key}/{UserId}");

    public static WidgetStale Read(string payload) =>
        payload.Split('/', 3) is [var source, var key, var user]
            ? new(source, key, user.Length == 0 ? null : user)
            : throw new FormatException(payload);
}
