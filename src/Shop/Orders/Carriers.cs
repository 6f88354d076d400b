using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Kontor.Shop.Orders;

/// <summary>Somebody who brings parcels, and where the way of one can be followed.</summary>
internal sealed partial class Carrier
{
    private const string Placeholder = "{number}";

    /// <summary>In the API and on orders, for instance `dhl`.</summary>
    public string Key { get; set; } = "";

    /// <summary>For people; the same in every language.</summary>
    public string Name { get; set; } = "";

    /// <summary>An address by https in which `{number}` stands for the tracking number, behind the host.</summary>
    public string Url { get; set; } = "";

    public static IReadOnlyList<Carrier> Defaults { get; } =
    [
        new()
        {
            Key = "dhl", Name = "DHL",
            Url = "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode={number}",
        },
        new() { Key = "dpd", Name = "DPD", Url = "https://tracking.dpd.de/status/de_DE/parcel/{number}" },
        new() { Key = "gls", Name = "GLS", Url = "https://gls-group.com/track/{number}" },
        new() { Key = "ups", Name = "UPS", Url = "https://www.ups.com/track?tracknum={number}" },
        new()
        {
            Key = "hermes", Name = "Hermes",
            Url = "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#{number}",
        },
        new()
        {
            Key = "deutsche-post", Name = "Deutsche Post",
            Url = "https://www.deutschepost.de/de/s/sendungsverfolgung.html?piececode={number}",
        },
    ];

    public bool IsValid => KeyForm().IsMatch(Key) && Name.Length is > 0 and <= 100 && Name.Trim() == Name
        && Url.Contains(Placeholder, StringComparison.Ordinal) && HostWith("1") is { } host && host == HostWith("2");

    public string UrlOf(string trackingNumber) => Url.Replace(Placeholder, Uri.EscapeDataString(trackingNumber), StringComparison.Ordinal);

    /// <summary>Null when it is no address by https. A number in the host would lead anywhere.</summary>
    private string? HostWith(string number) =>
        Uri.TryCreate(Url.Replace(Placeholder, number, StringComparison.Ordinal), UriKind.Absolute, out var uri)
            && uri.Scheme == Uri.UriSchemeHttps && uri.UserInfo.Length == 0 ? uri.Authority : null;

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex KeyForm();
}

/// <summary>Configured under `Shop`; checked at start.</summary>
internal sealed class CarrierOptions : IValidatableObject
{
    /// <summary>In the order in which admins choose from them; empty for <see cref="Carrier.Defaults"/>.</summary>
    public List<Carrier> Carriers { get; set; } = [];

    public IReadOnlyList<Carrier> All => Carriers.Count > 0 ? Carriers : Carrier.Defaults;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (All.Select(carrier => carrier.Key).Distinct(StringComparer.Ordinal).Count() != All.Count)
            yield return new("Two carriers have the same key.", [nameof(Carriers)]);
        if (All.Any(carrier => !carrier.IsValid))
        {
            yield return new(
                "A carrier has a key (kebab-case), a name, and an address by https with {number} behind its host.", [nameof(Carriers)]);
        }
    }
}
