using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>Everybody who has an account, the newest first; or those whose name or address has words that begin like these.</summary>
public static class ListUsers
{
    /// <summary>An empty value is as if it were not there, as forms send it.</summary>
    public sealed record Request
    {
        [FromQuery(Name = "q"), MaxLength(200, ErrorMessage = "At most 200 characters.")]
        public string? Q { get; init; }

        [FromQuery(Name = "role"), MaxLength(40, ErrorMessage = "At most 40 characters.")]
        public string? Role { get; init; }

        [FromQuery(Name = "locked"), RegularExpression("^(true|false)$", ErrorMessage = "Either true or false.")]
        public string? Locked { get; init; }

        [FromQuery(Name = "limit"), RegularExpression("^[0-9]{1,9}$", ErrorMessage = "A whole number; at most 200 are given.")]
        public string? Limit { get; init; }

        [FromQuery(Name = "cursor"), MaxLength(1000, ErrorMessage = "At most 1000 characters.")]
        public string? Cursor { get; init; }
    }

    /// <param name="Total">Of all pages.</param>
    public sealed record Response(IReadOnlyList<Account> Users, long Total, string? NextCursor);

    internal static void Map(RouteGroupBuilder users) => users.MapGet("", Handle).WithName("ListUsers");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        [AsParameters] Request request, PeopleSearch search, IEnumerable<Role> roles, CancellationToken ct)
    {
        var (found, problem) = await Read(request, search, roles, ct);
        return problem is null ? TypedResults.Ok(found) : problem.ToResult();
    }

    internal static async Task<Outcome<Response>> Read(
        Request request, PeopleSearch search, IEnumerable<Role> roles, CancellationToken ct)
    {
        var role = OrNull(request.Role);
        if (role is not null && !roles.Any(known => known.Name == role)) return Rights.RoleUnknown;
        var after = OrNull(request.Cursor) is { } cursor ? Paging.Decode(cursor, parts: 1) : [];
        if (after is null) return Paging.CursorInvalid;
        int? limit = OrNull(request.Limit) is { } asked ? int.Parse(asked, CultureInfo.InvariantCulture) : null;
        bool? isLocked = OrNull(request.Locked) is { } locked ? locked == "true" : null;
        var page = await search.List(new(request.Q ?? "", role, isLocked, after is [var id] ? id : null, Paging.Limit(limit)), ct);
        return new Response(page.Users, page.Total, page.NextCursor);
    }

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
