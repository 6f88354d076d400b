using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using Kontor.Home.Segments;
using Kontor.Home.Sources;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using static Kontor.Home.Feed.ExplainHome;
using Facts = Kontor.Home.Attributes.Facts;

namespace Kontor.Home.Tests;

/// <summary>Feeds without memory, to hold against those that it answers.</summary>
internal static class FeedAnew
{
    public static string Written(FeedView view)
    {
        var json = new byte[view.Length];
        var rest = json.AsSpan();
        view.Write(ref rest);
        rest.Length.ShouldBe(0);
        return Encoding.UTF8.GetString(json);
    }

    /// <summary>The same feed from the database, by nothing that remembers, and written by the framework.</summary>
    public static async Task<string> Anew(this HomeApp app, FeedQuery query, CurrentUser user)
    {
        var services = app.Services;
        var (types, facts) = (services.GetRequiredService<WidgetTypes>(), services.GetRequiredService<PersonFacts>());
        var now = services.GetRequiredService<TimeProvider>().NowMs();
        var settings = await app.Database.Snapshot(tx => FeedSettings.Read(tx, types, facts.Attributes));
        var (offered, pushed) = (services.GetRequiredService<OfferedWidgets>(), services.GetRequiredService<PushedContent>());
        var model = FeedModel.Of(settings, offered, pushed, now);
        var seen = Remembered.Read(await app.Database.Read(tx => StoredAssignments.Of(tx, user.Id, null).AsTask()));
        var told = await app.Database.Read(
            async tx => new Facts(await StoredFacts.Of(tx, user.Id), await StoredMembers.ListsOf(tx, user.Id)));
        var projection = Projection.Of(model, new Reader(query, user) { Facts = told, Remembered = seen }, now);
        var shown = model.Widgets.Where(one => model.Judge(one, projection) == Verdict.Shown).ToDictionary(one => one.Widget.Id);
        var options = services.GetRequiredService<IOptions<RankingOptions>>().Value;
        var state = PersonalState.Of(await app.Database.Read(tx => StoredTastes.Find(tx, user.Id).AsTask()), options);
        var segment = user.Roles.Contains("premium") ? "premium" : "customer";
        var viewer = state.IsOn ? new Viewer(user.Id, [segment], state.Taste, state.Seen) : new Viewer(null, [segment]);
        var arranged = Arrangement.Of(
            [.. shown.Values.Select(one => one.Candidate)], viewer,
            services.GetRequiredService<CurrentRates>().Current, options, now / Clock.Day);
        return JsonSerializer.Serialize(arranged.Placed.Select((placed, position) =>
            Json(shown[placed.Widget.Id], model, projection, position)));
    }

    private static JsonObject Json(FeedWidget one, FeedModel model, Projection projection, int position)
    {
        var widget = one.Widget;
        var tracking = new JsonObject { ["source"] = widget.Source ?? "home", ["revision"] = widget.Version };
        if (widget.Target.Experiment is { Key: { } key } && projection.Variations[model.Experiments.IndexOf(key)] is var drawn
            && ExperimentBook.Counts(drawn))
        {
            tracking["experiment"] = key;
            var variations = model.Experiments.Find(key)!.Stored.Design.Variations;
            tracking["variation"] = variations[ExperimentBook.VariationOf(drawn)].Key;
        }

        return new()
        {
            ["id"] = widget.Id,
            ["key"] = widget.Key,
            ["type"] = widget.Type.Key,
            ["version"] = widget.Type.Version,
            ["title"] = widget.Title(projection.Language),
            ["slot"] = "main",
            ["tracking"] = tracking,
            ["position"] = position,
            ["content"] = JsonNode.Parse(one.Content!.Content),
        };
    }
}
