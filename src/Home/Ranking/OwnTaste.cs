using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Ranking;

/// <summary>A person sees what their feed has learned of them, takes it away, and says whether it shall learn at all.</summary>
public static class OwnTaste
{
    /// <param name="Enabled">False: nothing is learned, nothing is stored, and the order is the one that everybody like them sees.</param>
    /// <param name="Likes">The strongest first.</param>
    /// <param name="Widgets">What was lately seen, as far as the person may still see it; what counts most first.</param>
    public sealed record TasteView(bool Enabled, IReadOnlyList<Like> Likes, IReadOnlyList<SeenWidget> Widgets);

    /// <param name="Strength">From 0 to 1; half of it is left after two weeks without a sign.</param>
    /// <param name="Points">So many more has each widget of the category.</param>
    public sealed record Like(string Category, double Strength, double Points);

    /// <param name="Days">On which days it was lately seen.</param>
    /// <param name="Points">So many less it has, because it was seen on earlier days and not clicked since.</param>
    /// <param name="LastSeen">The latest of those days.</param>
    /// <param name="HiddenUntil">It was sent away, and comes back on this day; null otherwise.</param>
    public sealed record SeenWidget(
        string Id, string Key, string Title, string Category, int Days, double Points, DateOnly LastSeen, DateOnly? HiddenUntil);

    public sealed record SwitchRequest(bool Enabled);

    internal static void Map(RouteGroupBuilder home)
    {
        var taste = home.MapGroup("/taste").RequireAuthorization();
        taste.MapGet("", Get).WithName("GetOwnTaste");
        taste.MapPut("", Put).WithName("SwitchOwnTaste");
        taste.MapDelete("", Delete).WithName("ForgetOwnTaste");
    }

    private static async Task<Ok<TasteView>> Get(CurrentUser user, HttpContext http, TasteReader reader, CancellationToken ct) =>
        TypedResults.Ok(await reader.Of(user, Texts.LanguageOf(http.Request), ct));

    private static async Task<Ok<TasteView>> Put(
        SwitchRequest request, CurrentUser user, HttpContext http, TasteReader reader, CancellationToken ct)
    {
        await reader.Switch(user.Id, request.Enabled, ct);
        return TypedResults.Ok(await reader.Of(user, Texts.LanguageOf(http.Request), ct));
    }

    private static async Task<NoContent> Delete(CurrentUser user, TasteReader reader, CancellationToken ct)
    {
        await reader.Forget(user.Id, ct);
        return TypedResults.NoContent();
    }
}

/// <summary>Reads a person's own state as they see it, and changes what they may change of it.</summary>
internal sealed class TasteReader(Database database, FeedModels models, IOptions<RankingOptions> options, TimeProvider time)
{
    private readonly RankingOptions _options = options.Value;

    public async Task<OwnTaste.TasteView> Of(CurrentUser user, string language, CancellationToken ct)
    {
        var row = await database.Read(tx => StoredTastes.Find(tx, user.Id).AsTask(), ct);
        var (state, today) = (PersonalState.Of(row, _options), time.NowMs() / Clock.Day);
        return new(state.IsOn, Likes(state, today), Widgets(state, user, language, today));
    }

    public Task Switch(string userId, bool isOn, CancellationToken ct) =>
        database.Write(tx => StoredTastes.Switch(tx, userId, isOn, time.NowMs()), ct);

    public Task Forget(string userId, CancellationToken ct) =>
        database.Write(tx => StoredTastes.Forget(tx, userId, time.NowMs()), ct);

    private List<OwnTaste.Like> Likes(PersonalState state, long today) =>
    [
        .. state.Taste.Likes.Keys
            .Select(category => (Category: category, Strength: state.Taste.Of(category, today * Clock.Day)))
            .OrderByDescending(one => one.Strength).ThenBy(one => one.Category, StringComparer.Ordinal)
            .Select(one => new OwnTaste.Like(
                one.Category, Math.Round(one.Strength, 3), Math.Round(one.Strength * _options.AffinityPoints, 1))),
    ];

    private List<OwnTaste.SeenWidget> Widgets(PersonalState state, CurrentUser user, string language, long today)
    {
        var model = models.Current;
        var projection = Projection.Of(model, new Reader(FeedQuery.Web(language), user), time.NowMs());
        var seen = new List<OwnTaste.SeenWidget>();
        foreach (var days in state.Seen.Ring.GroupBy(one => one.WidgetId))
        {
            // Whoever may not see a widget is not told its title either, though they may have seen it once.
            if (model.ById.GetValueOrDefault(days.Key) is not { } one
                || model.Judge(one, projection) is Verdict.NotPublished or Verdict.Gate or Verdict.NotSignedIn) continue;
            var facts = state.Seen.Of(days.Key, today, _options);
            var last = days.Max(day => day.Day);
            seen.Add(new(
                one.Widget.Id, one.Widget.Key, one.Widget.Title(language), one.Widget.Category, days.Count(),
                Math.Round(_options.FatiguePoints * facts.InVain, 1), Date(last),
                facts.IsDismissed
                    ? Date(days.Where(day => day.Response == Response.Dismissed).Max(day => day.Day) + _options.DismissedDays)
                    : null));
        }

        return [.. seen.OrderByDescending(one => one.Points).ThenByDescending(one => one.LastSeen).ThenBy(one => one.Key)];
    }

    private static DateOnly Date(long day) => DateOnly.FromDateTime((day * Clock.Day).ToTime().UtcDateTime);
}
