using System.Buffers.Text;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Accounts.SignIn;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Accounts.External;

/// <summary>The way of a browser to another site and back.</summary>
internal sealed class ExternalTravel(Providers providers, Spent spent, PublicUrl url, KeyRing ring, TimeProvider time)
{
    private const string AboutLink = "external link token";

    public static readonly Problem Cancelled = new(403, "external-cancelled", "The sign-in at the other site was cancelled.");

    /// <summary>What the other site's redirect says.</summary>
    public sealed record Answer
    {
        public string? Code { get; init; }

        public string? State { get; init; }

        public string? Error { get; init; }

        /// <summary>What the site calls itself; null when it does not.</summary>
        public string? Iss { get; init; }
    }

    /// <summary>Who has come back.</summary>
    /// <param name="Person">Null when there is a problem.</param>
    public sealed record Arrival(ExternalFlow Flow, ExternalPerson? Person, Problem? Problem);

    public ExternalFlow Begin(string provider, string target) => ExternalFlow.Begin(provider, target, time);

    public async Task<Results<RedirectHttpResult, ProblemHttpResult>> Leave(ExternalFlow flow, HttpContext http, CancellationToken ct)
    {
        if (providers.Find(flow.Provider) is not { } provider) return BeginExternal.ProviderUnknown.ToResult();
        var (target, problem) = await provider.AuthorizeUrl(flow, CallbackOf(flow), ct);
        if (problem is not null) return problem.ToResult();
        flow.Keep(http, ring);
        return TypedResults.Redirect(target!);
    }

    /// <summary>A state is good once, for the browser and the site that it was made for.</summary>
    /// <returns>Or <see cref="ExternalFlow.Unknown"/>, when this way did not begin here.</returns>
    public async Task<Outcome<Arrival>> Arrive(string providerName, Answer answer, HttpContext http, CancellationToken ct)
    {
        var flow = ExternalFlow.Take(http, answer.State, ring, time.NowMs());
        if (flow is null || flow.Provider != providerName || providers.Find(providerName) is not { } provider) return ExternalFlow.Unknown;
        if (!await spent.Use(flow.Id, flow.ExpiresAt, ct)) return ExternalFlow.Unknown;
        if (!await provider.IsOwn(answer.Iss, ct)) return new Arrival(flow, null, Provider.Failed);
        if (answer.Error is not null || answer.Code is null)
            return new Arrival(flow, null, answer.Error == "access_denied" ? Cancelled : Provider.Failed);
        var (person, problem) = await provider.Redeem(answer.Code, flow, CallbackOf(flow), ct);
        return new Arrival(flow, person, problem);
    }

    /// <summary>Shows that a link on a page of this session was followed, and none that another site made.</summary>
    public string LinkTokenFor(CurrentUser user) =>
        Base64Url.EncodeToString(Seal.Close(ring, Encoding.UTF8.GetBytes(user.SessionId), AboutLink));

    public bool IsLinkToken(string? token, CurrentUser user) =>
        token is { Length: < 500 } && CompactToken.Decode(token) is { } closed && Seal.Open(ring, closed, AboutLink) is { } session
        && Encoding.UTF8.GetString(session) == user.SessionId;

    private string CallbackOf(ExternalFlow flow) => url.Of($"/auth/external/{flow.Provider}/callback");
}
