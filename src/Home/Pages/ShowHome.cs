using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Kontor.Home.Simulation;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>The front page: the same feed as the phone's, rendered for a browser.</summary>
public static class ShowHome
{
    /// <param name="Content">Valid for its type's JSON Schema.</param>
    public sealed record Item(string Id, string Key, string Type, string Title, JsonElement Content);

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/", Handle);

    private static async Task<RazorComponentResult> Handle(
        string? variation, HttpContext http, CurrentUser? user, HomeFeed feed, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var device = models.Current.Experiments.NeedsDevice ? Devices.Give(http) : Visitor.DeviceOf(http.Request);
        var query = FeedQuery.Web(Texts.Language) with { Device = device };
        // On a page nobody but an admin learns that there is such a thing.
        if (user is { IsAdmin: true } && query.Forcing(variation).Value is { } forced) query = forced;
        var view = await feed.For(query, user, RecordedReaders.MarkOf(http, user, device), ct);
        return Pages.Render<HomePage>(
            new { Items = view.Shown.Select(Shown).ToList(), FeedId = Ids.New(time) + view.Mark, Visitor = MarkOf(user) });
    }

    /// <summary>By which a browser tells apart whose events wait in it; it leads to nobody.</summary>
    private static string MarkOf(CurrentUser? user) =>
        user is null ? "" : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"visitor/{user.Id}")).AsSpan(0, 8));

    internal static Item Shown((Skeleton.Part Part, byte[] Content) shown)
    {
        var widget = shown.Part.Widget.Widget;
        return new(widget.Id, widget.Key, widget.Type.Key, shown.Part.Title, JsonElement.Parse(shown.Content));
    }
}
