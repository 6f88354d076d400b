using System.Buffers;
using System.Text;
using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Widgets;

namespace Kontor.Home.Feed;

/// <summary>Who asks for a feed, with what, and all that rules may know of them.</summary>
internal sealed record Reader(FeedQuery Query, CurrentUser? User)
{
    /// <summary>What is told of the person beside the request.</summary>
    public Facts Facts { get; init; } = Facts.None;

    /// <summary>Which variations they have seen; null when nothing keeps to it.</summary>
    public Remembered? Remembered { get; init; }

    /// <summary>Nothing that is stored of them is missing because it could not be read.</summary>
    public bool IsWhole => Facts.IsWhole && Remembered?.IsWhole != false;

    public string? Device => Query.Device;

    /// <summary>What experiments tell them apart by.</summary>
    public string? Unit(string attribute) => attribute switch
    {
        Subject.Person => User?.Id,
        Subject.Device => Device,
        _ => null,
    };

    /// <summary>Those of the attributes that are asked for, as JSON in one order.</summary>
    public string Attributes(IReadOnlySet<string> wanted)
    {
        if (wanted.Count == 0) return "{}";
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, wanted);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private void Write(Utf8JsonWriter json, IReadOnlySet<string> wanted)
    {
        if (wanted.Contains("signedIn")) json.WriteBoolean("signedIn", User is not null);
        if (wanted.Contains("assurance")) json.WriteString("assurance", NameOf(User?.Assurance));
        if (wanted.Contains("platform")) json.WriteString("platform", Query.Platform);
        if (wanted.Contains("appVersion") && Query.AppVersion is { Length: > 0 } version) json.WriteString("appVersion", version);
        if (wanted.Contains("language"))
            json.WriteString("language", Query.Language is { Length: > 0 } own ? own : Widget.FallbackLanguage);
        if (wanted.Contains("id") && User is { } person) json.WriteString("id", person.Id);
        if (wanted.Contains("deviceId") && Device is { } device) json.WriteString("deviceId", device);
        if (wanted.Contains("roles"))
        {
            json.WriteStartArray("roles");
            foreach (var role in (User?.Roles ?? []).Order(StringComparer.Ordinal)) json.WriteStringValue(role);
            json.WriteEndArray();
        }

        Facts.Write(json, wanted);
    }

    private static string NameOf(Assurance? assurance) => assurance switch
    {
        Assurance.TwoFactors => "two-factors",
        Assurance.OneFactor => "one-factor",
        _ => "none",
    };
}
