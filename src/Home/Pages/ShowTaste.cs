using Kontor.Foundation.Security;
using Kontor.Home.Ranking;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Kontor.Home;

/// <summary>A person looks at what their home page has learned of them, lets it forget, and says whether it shall learn.</summary>
public static class ShowTaste
{
    public const string Address = "/account/feed";

    /// <summary>What the page says of the sum, as it is configured.</summary>
    public sealed record Weights(double Affinity, double AffinityDays, double Fatigue, double FatigueDays, double Trying, int HiddenDays);

    internal static void Map(RouteGroupBuilder pages)
    {
        var own = pages.MapGroup(Address).RequireAuthorization();
        own.MapGet("", Show);
        own.MapPost("/forget", Forget);
        own.MapPost("/switch", Switch);
    }

    private static async Task<RazorComponentResult> Show(
        string? done, CurrentUser user, TasteReader reader, IOptions<RankingOptions> options, CancellationToken ct) =>
        Pages.Render<TastePage>(new
        {
            Taste = await reader.Of(user, Texts.Language, ct),
            Weights = new Weights(
                options.Value.AffinityPoints, options.Value.AffinityHalfLifeDays, options.Value.FatiguePoints,
                options.Value.FatigueHalfLifeDays, options.Value.ExplorationPointsMax, options.Value.DismissedDays),
            Done = done,
        });

    private static async Task<RedirectHttpResult> Forget(CurrentUser user, TasteReader reader, CancellationToken ct)
    {
        await reader.Forget(user.Id, ct);
        return TypedResults.LocalRedirect($"{Address}?done=forgotten");
    }

    private static async Task<RedirectHttpResult> Switch(
        [FromForm] bool enabled, CurrentUser user, TasteReader reader, CancellationToken ct)
    {
        await reader.Switch(user.Id, enabled, ct);
        return TypedResults.LocalRedirect($"{Address}?done={(enabled ? "on" : "off")}");
    }
}
