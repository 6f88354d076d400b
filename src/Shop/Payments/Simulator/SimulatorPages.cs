using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>What the provider's and the bank's page show.</summary>
/// <param name="Status">`open`, `complete` or `expired`.</param>
/// <param name="Declined">Why the last attempt failed, as the provider's code; null when it did not.</param>
public sealed record SimulatedPage(
    string Id, string Title, Money Amount, string Status, string SuccessUrl, string CancelUrl, string? Declined)
{
    /// <param name="page">`pay` or `bank`.</param>
    internal string Action(string page) => $"{SimulatedStripe.Path}/{page}/{Uri.EscapeDataString(Id)}";

    internal static SimulatedPage Of(SimulatedSession session, SimulatedIntent? intent, PublicUrl address) => new(
        session.Id,
        session.Title,
        new Money(session.AmountTotal, session.Currency.ToUpperInvariant()),
        session.Status,
        address.PathOf(session.SuccessUrl),
        address.PathOf(session.CancelUrl),
        intent is { Status: "requires_payment_method" } ? intent.Declined : null);
}

/// <summary>Where the demo's buyers pay: the page of the simulated provider, and that of their bank.</summary>
public static class SimulatorPages
{
    private static readonly Problem Unknown = new(404, "not-found", "There is no such payment.");

    /// <summary>As the provider's page sends it.</summary>
    public sealed record Request
    {
        public string? Card { get; init; }

        public string? Webhooks { get; init; }

        /// <summary>Of the bank's page: `confirm` or `decline`.</summary>
        public string? Answer { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/pay/{id}", Show);
        pages.MapPost("/pay/{id}", Pay);
        pages.MapGet("/bank/{id}", ShowBank);
        pages.MapPost("/bank/{id}", Answer);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, HttpContext http, SimulatedStripe stripe, Database database, PublicUrl address, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (session, intent) = await database.Write(tx => Find(tx, stripe, id), ct);
        return session is null
            ? Unknown.ToResult()
            : Pages.Render<SimulatorPage>(new { Session = SimulatedPage.Of(session, intent, address) });
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Pay(
        string id, [FromForm] Request? request, SimulatedStripe stripe, Database database, PublicUrl address, CancellationToken ct)
    {
        var fate = Enum.TryParse<WebhookFate>(request?.Webhooks, ignoreCase: true, out var chosen) ? chosen : WebhookFate.AsConfigured;
        var (session, intent) = await database.Write(async tx =>
        {
            await stripe.Pay(tx, id, request?.Card ?? "success", fate);
            return await Find(tx, stripe, id);
        }, ct);
        if (session is null) return Unknown.ToResult();
        return TypedResults.Redirect(intent?.Status switch
        {
            "requires_action" => $"{SimulatedStripe.Path}/bank/{Uri.EscapeDataString(id)}",
            "requires_payment_method" => $"{SimulatedStripe.Path}/pay/{Uri.EscapeDataString(id)}",
            _ => address.PathOf(session.SuccessUrl),
        });
    }

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, ProblemHttpResult>> ShowBank(
        string id, HttpContext http, SimulatedStripe stripe, Database database, PublicUrl address, CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var (session, intent) = await database.Write(tx => Find(tx, stripe, id), ct);
        if (session is null) return Unknown.ToResult();
        return intent is { Status: "requires_action" }
            ? Pages.Render<SimulatedBankPage>(new { Session = SimulatedPage.Of(session, intent, address) })
            : TypedResults.LocalRedirect($"{SimulatedStripe.Path}/pay/{Uri.EscapeDataString(id)}");
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Answer(
        string id, [FromForm] Request? request, SimulatedStripe stripe, Database database, PublicUrl address, CancellationToken ct)
    {
        var (session, intent) = await database.Write(async tx =>
        {
            await stripe.Answer(tx, id, confirmed: request?.Answer == "confirm");
            return await Find(tx, stripe, id);
        }, ct);
        if (session is null) return Unknown.ToResult();
        return TypedResults.Redirect(session.Status == "complete"
            ? address.PathOf(session.SuccessUrl)
            : $"{SimulatedStripe.Path}/pay/{Uri.EscapeDataString(id)}");
    }

    private static async Task<(SimulatedSession?, SimulatedIntent?)> Find(Tx tx, SimulatedStripe stripe, string id)
    {
        if (await stripe.Session(tx, id) is not { } session) return default;
        return (session, session.IntentId is { } intent ? await SimulatorStore.Find<SimulatedIntent>(tx, intent) : null);
    }
}
