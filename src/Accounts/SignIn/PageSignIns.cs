using Kontor.Accounts.Factors;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.SignIn;

/// <summary>Sign-ins in a browser, in one step or two.</summary>
internal sealed class PageSignIns(
    SignIns signIns, IUsers users, IFactors factors, SecondFactor second, Spent spent, KeyRing ring, TimeProvider time)
{
    /// <summary>The page that asks for the second factor.</summary>
    public const string SecondStep = "/login/code";

    /// <summary>Goes on after the first factor was right.</summary>
    /// <param name="user">As read before it was checked.</param>
    /// <param name="method">What it was, in the terms of RFC 8176.</param>
    /// <param name="target">Where the person wants to go.</param>
    /// <param name="http">Gets the tokens as cookies, or what the second step needs.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Where to send the browser: to the target, or to the second step. Or <see cref="Session.Overtaken"/>.</returns>
    public async Task<Outcome<string>> Continue(User user, string method, string target, HttpContext http, CancellationToken ct)
    {
        if ((await factors.Of(user.Id, ct)).Any)
        {
            PageCookies.WritePending(http, PendingSignIn.Of(user, method, time).Write(ring));
            return target == "/" ? SecondStep : $"{SecondStep}?returnUrl={Uri.EscapeDataString(target)}";
        }

        return await Open(user, [method], target, http, ct);
    }

    /// <summary>The sign-in of this browser that waits for its second factor.</summary>
    public PendingSignIn? Pending(HttpContext http) =>
        PendingSignIn.Read(http.Request.Cookies[PageCookies.Pending], ring, time.NowMs());

    /// <returns>The target, or <see cref="PendingSignIn.Over"/>, <see cref="Session.Overtaken"/>, or as
    /// <see cref="SecondFactor.Use"/>.</returns>
    public async Task<Outcome<string>> Complete(PendingSignIn pending, string code, string target, HttpContext http, CancellationToken ct)
    {
        if (await users.Find(pending.UserId, ct) is not { } user) return PendingSignIn.Over;
        if (await second.Use(user.Id, code, Actor.Of(http).As(user.Id), ct) is { } problem) return problem;
        return await Finish(pending, user, [Authentication.Code, Authentication.TwoFactors], target, http, ct);
    }

    /// <summary>The second factor was right.</summary>
    /// <returns>The target, or <see cref="PendingSignIn.Over"/> when it was finished before, or as <see cref="SignIns.Open"/>.</returns>
    public async Task<Outcome<string>> Finish(
        PendingSignIn pending, User user, IReadOnlyList<string> methods, string target, HttpContext http, CancellationToken ct)
    {
        if (!await spent.Use(pending.Id, pending.ExpiresAt, ct)) return PendingSignIn.Over;
        PageCookies.ClearPending(http);
        return await Open(user with { Rights = pending.Rights }, [.. pending.Methods, .. methods], target, http, ct);
    }

    /// <returns>The target, or as <see cref="SignIns.Open"/>.</returns>
    public async Task<Outcome<string>> Open(
        User user, IReadOnlyList<string> methods, string target, HttpContext http, CancellationToken ct)
    {
        var (tokens, problem) = await signIns.Open(user, Device.Of(http.Request), methods, ct);
        if (problem is not null) return problem;
        PageCookies.Write(http, tokens!);
        return target;
    }
}
