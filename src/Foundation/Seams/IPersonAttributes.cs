using System.Text.Json;
using Kontor.Foundation.Data;

namespace Kontor.Foundation.Seams;

/// <summary>
/// What a product knows of a person and the rules of the home feed may ask about. Home asks when it first needs it of a person, and again
/// after an <see cref="AttributesStale"/>; it keeps the answer in memory and stores none of it. A product that takes long or fails is not
/// waited for: its attributes then count as not known.
/// </summary>
public interface IPersonAttributes
{
    /// <summary>The product's name, as its module's; stands before each attribute: `shop.orders`.</summary>
    string Source { get; }

    IReadOnlyList<PersonAttribute> Attributes { get; }

    /// <summary>The values by the attributes' names; one that is missing is not known.</summary>
    Task<IReadOnlyDictionary<string, JsonElement>> Of(string userId, CancellationToken ct);
}

/// <param name="Name">In camelCase, unique in its source.</param>
/// <param name="Description">One English sentence for whoever writes rules.</param>
/// <param name="Values">The only texts that it can have; null when it can have any.</param>
public sealed record PersonAttribute(
    string Name, AttributeType Type, AttributePrivacy Privacy, string Description, IReadOnlyList<string>? Values = null);

public enum AttributeType
{
    Text,
    Number,
    Flag,
    TextList,
}

/// <summary>How much an attribute tells of a person, and so who may see its values.</summary>
public enum AttributePrivacy
{
    /// <summary>Tells of nobody: what a client says of itself.</summary>
    Public,

    /// <summary>Tells of one person what is no secret to those who administer the feed.</summary>
    Personal,

    /// <summary>
    /// What few may know of a person. Its values are shown to that person, and to administrators who signed in with two factors.
    /// </summary>
    Sensitive,
}

/// <summary>Told by a product, in its own transaction, when what it knows of a person has changed.</summary>
public sealed record AttributesStale(string Source, string UserId)
{
    public const string Channel = "home.attributes-stale";

    public void Tell(Tx tx) => tx.Signal(Channel, $"{Source}/{UserId}");

    public static AttributesStale Read(string payload) =>
        payload.Split('/', 2) is [var source, var user] ? new(source, user) : throw new FormatException(payload);
}
