using Kontor.Foundation.Security;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Insight;

/// <summary>Who was shown a feed.</summary>
/// <param name="UserId">Null for a stranger.</param>
/// <param name="DeviceId">What a client calls itself, so that a stranger is told apart; null when it does not.</param>
internal sealed record Visitor(string? UserId, string? DeviceId)
{
    public const string Stranger = "anonymous";

    private const string DeviceHeader = "X-Device-Id";

    /// <summary>In a browser, given where a running experiment needs it.</summary>
    public const string DeviceCookie = "kontor_visitor";

    /// <summary>The coarse kind of reader by which events are counted: the strongest of the roles that every shop has.</summary>
    public string Segment { get; init; } = Stranger;

    /// <summary>Where the request came from, as limits count it.</summary>
    public string Network { get; init; } = "";

    /// <summary>What gates ask for; null for a stranger.</summary>
    public CurrentUser? User { get; init; }

    public static Visitor Of(HttpContext http, CurrentUser? user) =>
        new(user?.Id, DeviceOf(http.Request)) { Segment = SegmentOf(user), User = user };

    /// <summary>
    /// They may be told that the widget exists. One for strangers is no secret: whoever signs in tells then what they saw before.
    /// </summary>
    public bool MayKnow(Widget widget) =>
        widget.Target.Assurance == Assurance.OneFactor && widget.Roles.Contains(Widget.Anonymous)
        || ((widget.Target.Assurance == Assurance.OneFactor || User?.Assurance >= widget.Target.Assurance)
            && (widget.Roles.Count == 0 || (User is { } user && user.Roles.Any(widget.Roles.Contains))));

    internal static string SegmentOf(CurrentUser? user) => user switch
    {
        null => Stranger,
        { IsAdmin: true } => RoleNames.Admin,
        { Roles: var roles } when roles.Contains(RoleNames.Premium) => RoleNames.Premium,
        _ => RoleNames.Customer,
    };

    /// <summary>What is no device's id is as if there were none.</summary>
    public static string? DeviceOf(HttpRequest request)
    {
        var given = request.Headers.TryGetValue(DeviceHeader, out var header) ? header.ToString()
            : request.Headers.Cookie.Count > 0 ? request.Cookies[DeviceCookie]
            : null;
        return given is { Length: >= 16 and <= 64 } && given.All(one => char.IsAsciiLetterOrDigit(one) || one == '-') ? given : null;
    }
}
