using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Factors;

/// <summary>A person adds an authenticator app to what signing in takes, or removes it.</summary>
public static class TotpSetup
{
    /// <param name="Code">Six digits, or for the removal a recovery code.</param>
    public sealed record CodeRequest([property: MaxLength(SecondFactor.CodeLengthMax)] string Code);

    /// <param name="Secret">In base32, to type into an app.</param>
    /// <param name="Uri">`otpauth://`, as apps read it from a QR code.</param>
    /// <param name="QrSvg">The QR code as an SVG picture.</param>
    public sealed record ProposalResponse(string Secret, string Uri, string QrSvg);

    /// <param name="RecoveryCodes">Ten, each for one sign-in, shown this once. Those before are void.</param>
    public sealed record CodesResponse(IReadOnlyList<string> RecoveryCodes);

    internal static void Map(RouteGroupBuilder auth)
    {
        var mfa = auth.MapGroup("/mfa").RequireAuthorization().WithFreshSignIn();
        mfa.MapPost("/totp", Propose).WithName("ProposeTotp");
        mfa.MapPost("/totp/confirm", Confirm).WithName("ConfirmTotp");
        mfa.MapDelete("/totp", Remove).WithName("RemoveTotp");
        mfa.MapPost("/recovery-codes", Replace).WithName("ReplaceRecoveryCodes");
    }

    private static async Task<Results<Ok<ProposalResponse>, ProblemHttpResult>> Propose(
        CurrentUser user, IUsers users, AuthenticatorApps apps, CancellationToken ct)
    {
        if (await users.Find(user.Id, ct) is not { } found) return User.Unknown.ToResult();
        var (app, problem) = await apps.Propose(found, ct);
        return problem is null ? TypedResults.Ok(new ProposalResponse(app!.Secret, app.Uri, app.QrSvg)) : problem.ToResult();
    }

    private static async Task<Results<Ok<CodesResponse>, ProblemHttpResult>> Confirm(
        CodeRequest request, CurrentUser user, AuthenticatorApps apps, ISessions sessions, Actor by, CancellationToken ct)
    {
        var (codes, problem) = await ConfirmIn(request.Code, user, apps, sessions, by, ct);
        return problem is null ? TypedResults.Ok(new CodesResponse(codes!)) : problem.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        [FromBody] CodeRequest request, CurrentUser user, SecondFactor second, IFactors factors, Actor by, CancellationToken ct) =>
        await RemoveBy(request.Code, user, second, factors, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static async Task<Results<Ok<CodesResponse>, ProblemHttpResult>> Replace(
        CurrentUser user, RecoveryCodes recovery, Actor by, CancellationToken ct)
    {
        var (codes, problem) = await recovery.Replace(user.Id, by, ct);
        return problem is null ? TypedResults.Ok(new CodesResponse(codes!)) : problem.ToResult();
    }

    /// <summary>The session in which a factor was added has shown it, and need not show it again.</summary>
    internal static async Task<Outcome<string[]>> ConfirmIn(
        string code, CurrentUser user, AuthenticatorApps apps, ISessions sessions, Actor by, CancellationToken ct)
    {
        var (codes, problem) = await apps.Confirm(user.Id, code, by, ct);
        if (problem is not null) return problem;
        await sessions.Authenticate(user.SessionId, user.Id, [Authentication.Code, Authentication.TwoFactors], ct);
        return codes!;
    }

    internal static async Task<Problem?> RemoveBy(
        string code, CurrentUser user, SecondFactor second, IFactors factors, Actor by, CancellationToken ct)
    {
        if (!(await factors.Of(user.Id, ct)).Totp) return OwnFactors.TotpIsOff;
        return await second.Use(user.Id, code, by, ct) ?? await factors.RemoveTotp(user.Id, by, ct);
    }
}
