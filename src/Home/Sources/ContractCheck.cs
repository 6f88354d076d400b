using Kontor.Foundation.Data;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Sources;

/// <summary>Holds a snapshot against its contract as a push and a pull do, and tells of each promise whether it is kept.</summary>
internal sealed class ContractCheck(WidgetTypes types)
{
    public static VerifyType.Check Latency(long tookMs, long most) => new(
        "latency", tookMs <= most, $"It took {tookMs} ms, and may take {most}.", true);

    public static VerifyType.Check ETag(string? etag) => new(
        "etag", etag is not null, etag is null ? "It offers no ETag, so each pull reads all of it." : $"It offers {etag}.", false);

    /// <param name="incoming">With the type that is verified, whatever it says itself.</param>
    public async Task<IReadOnlyList<VerifyType.Check>> Of(Tx tx, Incoming incoming, WidgetType type)
    {
        var limits = type.Contract.Limits;
        var reasons = type.Schema.Validate(incoming.Content);
        var isNull = incoming.Content.ValueKind == System.Text.Json.JsonValueKind.Null;
        var bytes = WidgetContent.Written(incoming.Content)?.Length;
        var most = limits.MaxBytes ?? WidgetContent.BytesMax;
        var checks = new List<VerifyType.Check>
        {
            new("type", TypeName.Parse(incoming.Type) == type.Name, $"It says {incoming.Type}, and is verified as {type.Name}.", true),
            new("schema", isNull || reasons.Count == 0,
                isNull ? "There is nothing to show." : reasons.Count == 0 ? "The content is valid." : Sentence(reasons), true),
            new("bytes", bytes <= most, bytes is null ? "It has text that is not valid Unicode." : $"{bytes} of {most} bytes.", true),
            Within("ttl", incoming.TtlSeconds, limits.TtlSecondsMin ?? 1, limits.TtlSecondsMax ?? SnapshotIntake.SecondsMax),
            Within("stale", incoming.StaleSeconds, 0, limits.StaleSecondsMax ?? SnapshotIntake.SecondsMax),
            await Version(tx, incoming),
        };
        if (!isNull && reasons.Count == 0) checks.AddRange(await Fallbacks(tx, incoming, type));
        return checks;
    }

    private static async Task<VerifyType.Check> Version(Tx tx, Incoming incoming)
    {
        var there = incoming.Key.Length == 0 ? null : await StoredSnapshots.Find(tx, incoming.Source, incoming.Key, "");
        if (there is null) return new("version", incoming.Version >= 1, "There is none yet, so any is later.", true);
        if (incoming.Version > there.Version) return new("version", true, $"{incoming.Version} is later than {there.Version}.", true);
        var isSame = incoming.Version == there.Version && Written(incoming) == there.Content;
        return new(
            "version", isSame,
            isSame ? $"{there.Version} is there, with the same content." : $"{there.Version} is there; {incoming.Version} is not later.",
            true);
    }

    /// <summary>What clients would be shown that cannot show the type: good to know, and no fault of the source.</summary>
    private async Task<IEnumerable<VerifyType.Check>> Fallbacks(Tx tx, Incoming incoming, WidgetType type)
    {
        var content = Snapshot.Of(WidgetContent.Bytes(incoming.Content), 0);
        return new TypeForms(await types.All(tx)).Of(type.Name).Skip(1).Select(form => form.WhyNot(content) is { } reason
            ? new VerifyType.Check($"fallback {form.Name}", false, reason, false)
            : new VerifyType.Check($"fallback {form.Name}", true, "It fits.", false));
    }

    private static string? Written(Incoming incoming) => incoming.Content.ValueKind == System.Text.Json.JsonValueKind.Null
        ? null
        : WidgetContent.Written(incoming.Content) is { } json ? System.Text.Encoding.UTF8.GetString(json) : "";

    private static string Sentence(IReadOnlyList<SchemaError> reasons) =>
        string.Join("; ", reasons.Take(10).Select(one => $"{(one.Pointer.Length == 0 ? "the content" : one.Pointer)} {one.Reason}"));

    private static VerifyType.Check Within(string name, int seconds, int least, int most) =>
        new(name, seconds >= least && seconds <= most, $"{seconds} s, of {least} to {most}.", true);
}
