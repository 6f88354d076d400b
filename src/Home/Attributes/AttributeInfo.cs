using Kontor.Foundation.Seams;

namespace Kontor.Home.Attributes;

/// <summary>Something that rules may ask about.</summary>
/// <param name="Key">As rules name it: `platform`, or `shop.orders` of the source `shop`.</param>
/// <param name="Values">The only texts that it can have; null when it can have any.</param>
/// <param name="Source">Who tells it; null for what every request tells by itself.</param>
/// <param name="InProcess">Its source is a product of this process, which is asked; others have told it.</param>
internal sealed record AttributeInfo(
    string Key, AttributeType Type, AttributePrivacy Privacy, string Description, IReadOnlyList<string>? Values = null,
    string? Source = null, bool InProcess = false)
{
    /// <summary>Known of every reader, without anybody telling.</summary>
    public static readonly IReadOnlyList<AttributeInfo> BuiltIn =
    [
        new("signedIn", AttributeType.Flag, AttributePrivacy.Public, "Whether somebody is signed in."),
        new("roles", AttributeType.TextList, AttributePrivacy.Personal, "The roles of the session."),
        new("assurance", AttributeType.Text, AttributePrivacy.Personal, "How they signed in.", ["none", "one-factor", "two-factors"]),
        new("platform", AttributeType.Text, AttributePrivacy.Public, "What the client runs on.", ["web", "ios", "android"]),
        new("appVersion", AttributeType.Text, AttributePrivacy.Public, "The client's version; compare it by `$vgte` and its like."),
        new("language", AttributeType.Text, AttributePrivacy.Public, "The first part of the locale, such as `de`."),
        new("id", AttributeType.Text, AttributePrivacy.Personal, "The account's id; none for strangers."),
        new("deviceId", AttributeType.Text, AttributePrivacy.Personal, "What tells a device from others; none where it has no such id."),
    ];

    public static AttributeInfo Of(string source, PersonAttribute attribute, bool inProcess = false) => new(
        $"{source}.{attribute.Name}", attribute.Type, attribute.Privacy, attribute.Description, attribute.Values, source, inProcess);
}
