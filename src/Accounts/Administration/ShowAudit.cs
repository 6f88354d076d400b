using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>What was done to accounts, the newest first: to one person's, or to everybody's with filters.</summary>
public static class ShowAudit
{
    private const string Date = "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.{1,40})?$";
    private const string DateMessage = "A day such as 2026-02-28, or a time such as 2026-02-28T12:00:00Z.";

    private const string AddressUnknown = "Nobody has this address.";

    public sealed record Request
    {
        /// <summary>Done to the account of the person with this id or address.</summary>
        [FromQuery(Name = "subject"), MaxLength(EmailAddress.LengthMax)]
        public string? Subject { get; init; }

        /// <summary>Done by the person with this id or address, by `system`, or by `command`: the server's console.</summary>
        [FromQuery(Name = "by"), MaxLength(EmailAddress.LengthMax)]
        public string? By { get; init; }

        /// <summary>For instance `role-granted`.</summary>
        [FromQuery(Name = "action"), MaxLength(100)]
        public string? Action { get; init; }

        /// <summary>At this time or later; a day is one in UTC.</summary>
        [FromQuery(Name = "from"), RegularExpression(Date, ErrorMessage = DateMessage)]
        public string? From { get; init; }

        /// <summary>Before this time; of a day, before its end.</summary>
        [FromQuery(Name = "until"), RegularExpression(Date, ErrorMessage = DateMessage)]
        public string? Until { get; init; }

        [FromQuery(Name = "limit"), RegularExpression("^[0-9]{1,9}$", ErrorMessage = "A whole number; at most 200 are given.")]
        public string? Limit { get; init; }

        [FromQuery(Name = "cursor"), MaxLength(1000, ErrorMessage = "At most 1000 characters.")]
        public string? Cursor { get; init; }
    }

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/audit", All).WithName("ShowAudit");
        admin.MapGet("/users/{id}/audit", OfUser).WithName("ShowUserAudit");
    }

    private static async Task<Results<Ok<AuditPage>, ProblemHttpResult>> All(
        [AsParameters] Request request, IUsers users, AuditTrail trail, CancellationToken ct)
    {
        var (page, problem) = await Read(request, users, trail, ct);
        return problem is null ? TypedResults.Ok(page) : problem.ToResult();
    }

    private static async Task<Results<Ok<AuditPage>, ProblemHttpResult>> OfUser(
        string id, int? limit, string? cursor, IUsers users, AuditTrail trail, CancellationToken ct)
    {
        var (page, problem) = await trail.List(new(Subject: id, Cursor: cursor, Limit: Paging.Limit(limit)), ct);
        if (problem is not null) return problem.ToResult();
        // What was done to an account that was erased is still told; of one that never was there is nothing.
        if (page!.Entries.Count == 0 && await users.Find(id, ct) is null) return User.Unknown.ToResult();
        return TypedResults.Ok(page);
    }

    internal static async Task<Outcome<AuditPage>> Read(Request request, IUsers users, AuditTrail trail, CancellationToken ct)
    {
        var errors = new FieldErrors();
        var (from, until) = (TimeOf(request.From, days: 0), TimeOf(request.Until, days: 1));
        if (from is null && OrNull(request.From) is not null) errors.Add("from", DateMessage);
        if (until is null && OrNull(request.Until) is not null) errors.Add("until", DateMessage);
        var (subject, by) = (await IdOf(request.Subject, users, ct), await IdOf(request.By, users, ct));
        if (subject is null && OrNull(request.Subject) is not null) errors.Add("subject", AddressUnknown);
        if (by is null && OrNull(request.By) is not null) errors.Add("by", AddressUnknown);
        if (errors.ToProblem() is { } invalid) return invalid;
        int? limit = OrNull(request.Limit) is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : null;
        return await trail.List(
            new(subject, by, OrNull(request.Action), from, until, request.Cursor, Paging.Limit(limit)), ct);
    }

    /// <summary>Null when it is an address that nobody has, or empty.</summary>
    private static async Task<string?> IdOf(string? text, IUsers users, CancellationToken ct)
    {
        if (text?.Contains('@', StringComparison.Ordinal) != true) return OrNull(text);
        return EmailAddress.Parse(text) is { } email ? (await users.FindByEmail(email, ct))?.User.Id : null;
    }

    /// <param name="text">As the request has it.</param>
    /// <param name="days">Added to what is a day only.</param>
    private static long? TimeOf(string? text, int days)
    {
        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (!DateTimeOffset.TryParse(OrNull(text), CultureInfo.InvariantCulture, utc, out var time)) return null;
        return time.ToUnixTimeMilliseconds() + (text!.Contains('T', StringComparison.Ordinal) ? 0 : days * Clock.Day);
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
