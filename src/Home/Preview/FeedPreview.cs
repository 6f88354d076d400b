using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Components;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Preview;

/// <summary>
/// The feed as somebody would see it, with a draft or without, beside the reason for each widget. It is looked at and told of to nobody:
/// no impression, no exposure, nothing learned.
/// </summary>
internal sealed class FeedPreview(
    FeedModels models, HomeFeed feed, Readers readers, Explanations explanations, PreviewScreens screens,
    IEnumerable<IPersonFinder> people, TimeProvider time)
{
    public static readonly Problem PersonUnknown = new(404, "not-found", "There is nobody with this id or address.");
    public static readonly Problem MomentInvalid = new(400, "validation-failed", "A moment such as 2026-11-20 14:30.");
    public static readonly Problem VersionInvalid = new(400, "feed-query-invalid", "A version such as 1.4.2.");

    public static readonly Problem VariationInvalid =
        new(400, "feed-query-invalid", "An experiment and the number of a variation, such as banner:1.");

    /// <summary>No account has it; rules see an id as of anybody who is signed in.</summary>
    private const string NobodyId = "00000000-0000-0000-0000-000000000000";

    /// <param name="draft">Shown as if it were published; null for none.</param>
    /// <param name="admin">Who looks.</param>
    public async Task<Outcome<PreviewView>> Of(PreviewForm asked, Widget? draft, CurrentUser admin, CancellationToken ct)
    {
        if (asked.Moment(time.GetUtcNow()) is not { } at) return MomentInvalid;
        var version = asked.AppVersion?.Trim();
        if (FeedQuery.Parse(null, version, null, null).Problem is not null) return VersionInvalid;
        var (query, problem) = FeedQuery.Parse(asked.Platform, version, asked.Language, null);
        if (problem is not null) return problem;
        (query, problem) = query!.Forcing(asked.Variation);
        if (problem is not null) return VariationInvalid;
        FoundPerson? person = null;
        if (asked.IsSignedIn && !string.IsNullOrWhiteSpace(asked.Who))
        {
            person = people.FirstOrDefault() is { } finder ? await finder.Find(asked.Who.Trim(), ct) : null;
            if (person is null) return PersonUnknown;
        }

        var user = asked.IsSignedIn
            ? new CurrentUser(person?.Id ?? NobodyId, "", asked.RolesOr(person?.Roles ?? [RoleNames.Customer]), asked.AssuranceLevel)
            : null;
        var model = draft is null ? models.Current : await models.With(draft, ct);
        if (draft?.Target.Rule is { } condition && model.Vocabulary.Read(condition).Value is { } rule
            && TracePrivacy.Check(rule, admin, person?.Id, model.Vocabulary) is { } refused) return refused;
        var now = at.ToUnixTimeMilliseconds();
        var view = await feed.For(model, query!, user, now, isPerson: person is not null, ct);
        var explained = await explanations.Of(model, await readers.Of(model, query!, user, ct), admin, now, ct);
        return new PreviewView(
            await screens.Of([.. view.Shown.Select(ShowHome.Shown)], query!.Language, draft?.Key), explained,
            model.Widgets.ToDictionary(one => one.Widget.Key, one => one.Widget.Title(query!.Language)), person, at);
    }
}

/// <param name="Screens">The feed's HTML for each.</param>
/// <param name="Titles">By the widget's key.</param>
/// <param name="Person">Who it is; null for somebody made up.</param>
public sealed record PreviewView(
    IReadOnlyDictionary<string, MarkupString> Screens, IReadOnlyList<ExplainedWidget> Explained,
    IReadOnlyDictionary<string, string> Titles, FoundPerson? Person, DateTimeOffset At);
