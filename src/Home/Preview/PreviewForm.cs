using System.Globalization;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Mvc;

namespace Kontor.Home.Preview;

/// <summary>For whom an admin looks at the feed, as a form sends it. Fields may be missing.</summary>
/// <param name="Kind">`signed-in`, or somebody who is not.</param>
/// <param name="Who">The account's id or address; empty for somebody made up.</param>
/// <param name="Roles">Between commas; empty for those that the person has, or `customer`.</param>
/// <param name="AppVersion">Of the app, such as `1.4.2`; empty for one that does not say.</param>
/// <param name="At">A moment of UTC; empty for now.</param>
/// <param name="Variation">Such as `banner:1`.</param>
public sealed record PreviewForm(
    [property: FromQuery(Name = "kind")] string? Kind = null,
    [property: FromQuery(Name = "who")] string? Who = null,
    [property: FromQuery(Name = "previewRoles")] string? Roles = null,
    [property: FromQuery(Name = "previewAssurance")] string? Assurance = null,
    [property: FromQuery(Name = "platform")] string? Platform = null,
    [property: FromQuery(Name = "language")] string? Language = null,
    [property: FromQuery(Name = "at")] string? At = null,
    [property: FromQuery(Name = "variation")] string? Variation = null,
    [property: FromQuery(Name = "appVersion")] string? AppVersion = null)
{
    public const string SignedIn = "signed-in";

    public bool IsSignedIn => Kind == SignedIn;

    internal static PreviewForm Of(Microsoft.AspNetCore.Http.IFormCollection form) => new(
        form["kind"], form["who"], form["previewRoles"], form["previewAssurance"], form["platform"], form["language"], form["at"],
        form["variation"], form["appVersion"].ToString().Trim());

    /// <summary>Null when it is no moment.</summary>
    internal DateTimeOffset? Moment(DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(At)) return now;
        return DateTimeOffset.TryParse(At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    internal IReadOnlyList<string> RolesOr(IReadOnlyList<string> own) => string.IsNullOrWhiteSpace(Roles)
        ? own
        : [.. Roles.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal)];

    internal Assurance AssuranceLevel =>
        Assurance == "two-factors" ? Foundation.Security.Assurance.TwoFactors : Foundation.Security.Assurance.OneFactor;
}
