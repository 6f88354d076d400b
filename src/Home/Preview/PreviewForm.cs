using System.Globalization;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Mvc;

namespace Kontor.Home.Preview;

/// <summary>For whom an admin looks at the feed, as a form sends it. Fields may be missing.</summary>
public sealed record PreviewForm
{
    public const string SignedIn = "signed-in";

    /// <summary>`signed-in`, or somebody who is not.</summary>
    [FromQuery(Name = "kind")]
    public string? Kind { get; init; }

    /// <summary>The account's id or address; empty for somebody made up.</summary>
    [FromQuery(Name = "who")]
    public string? Who { get; init; }

    /// <summary>Between commas; empty for those that the person has, or `customer`.</summary>
    [FromQuery(Name = "previewRoles")]
    public string? Roles { get; init; }

    [FromQuery(Name = "previewAssurance")]
    public string? Assurance { get; init; }

    [FromQuery(Name = "platform")]
    public string? Platform { get; init; }

    [FromQuery(Name = "language")]
    public string? Language { get; init; }

    /// <summary>A moment of UTC; empty for now.</summary>
    [FromQuery(Name = "at")]
    public string? At { get; init; }

    /// <summary>Such as `banner:1`.</summary>
    [FromQuery(Name = "variation")]
    public string? Variation { get; init; }

    /// <summary>Of the app, such as `1.4.2`; empty for one that does not say.</summary>
    [FromQuery(Name = "appVersion")]
    public string? AppVersion { get; init; }

    public bool IsSignedIn => Kind == SignedIn;

    internal static PreviewForm Of(Microsoft.AspNetCore.Http.IFormCollection form) => new()
    {
        Kind = form["kind"],
        Who = form["who"],
        Roles = form["previewRoles"],
        Assurance = form["previewAssurance"],
        Platform = form["platform"],
        Language = form["language"],
        At = form["at"],
        Variation = form["variation"],
        AppVersion = form["appVersion"].ToString().Trim(),
    };

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
