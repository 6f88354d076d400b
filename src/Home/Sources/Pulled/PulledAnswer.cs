using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation;

namespace Kontor.Home.Sources.Pulled;

/// <summary>What a source answers to a pull: `{"snapshots": [{"key", "version", "type", "content", "ttlSeconds"?, "staleSeconds"?}]}`,
/// each as it could also have been pushed to all.</summary>
/// <param name="Good">To be held against their contracts.</param>
/// <param name="Bad">Which are no snapshots, with the reason and what they were.</param>
internal sealed partial record PulledAnswer(
    IReadOnlyList<(Incoming Snapshot, string Raw)> Good, IReadOnlyList<(Incoming Snapshot, string Raw, Problem Problem)> Bad)
{
    public const int SnapshotsMax = 100;

    public static readonly Problem Invalid = new(422, "pull-answer-invalid", "The source's answer is none that a pull takes.");
    private static readonly Problem NoSnapshot = new(422, "pull-snapshot-invalid", "A part of the source's answer is no snapshot.");

    /// <summary>The answer, or <see cref="Invalid"/> when all of it is of no use.</summary>
    public static Outcome<PulledAnswer> Read(string source, byte[] body)
    {
        try
        {
            var root = JsonElement.Parse(body);
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("snapshots", out var list)
                || list.ValueKind != JsonValueKind.Array)
                return Invalid.Because("It is no object with an array `snapshots`.");
            if (list.GetArrayLength() > SnapshotsMax) return Invalid.Because($"It has more than {SnapshotsMax} snapshots.");
            var good = new List<(Incoming, string)>();
            var bad = new List<(Incoming, string, Problem)>();
            foreach (var one in list.EnumerateArray())
            {
                var (snapshot, problem) = Read(source, one);
                if (problem is null) good.Add((snapshot!, one.GetRawText()));
                else bad.Add((Incoming.None(source), one.GetRawText(), problem));
            }

            return new PulledAnswer(good, bad);
        }
        catch (JsonException)
        {
            return Invalid.Because("It is not JSON.");
        }
        catch (InvalidOperationException)
        {
            // How the JSON reader says that a text has half of a surrogate pair.
            return Invalid.Because("It has text that is not valid Unicode.");
        }
    }

    /// <summary>What cannot be read is shown as far as it can.</summary>
    public static string Text(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, Refusals.PayloadLengthMax)));

    private static Outcome<Incoming> Read(string source, JsonElement one)
    {
        if (one.ValueKind != JsonValueKind.Object) return NoSnapshot.Because("It is no object.");
        if (one.TryGetProperty("audience", out _) && Text(one, "audience") != "all")
            return NoSnapshot.Because("What is pulled is for all; push what is for one person.");
        if (Text(one, "key") is not { } key || !Key().IsMatch(key)) return NoSnapshot.Because("Its `key` is none of a widget.");
        if (Text(one, "type") is not { Length: <= 100 } type) return NoSnapshot.Because("It has no `type`.");
        if (Number(one, "version", null) is not (>= 1 and <= 1L << 53 and var version))
            return NoSnapshot.Because("Its `version` is no whole number from 1.");
        if (Number(one, "ttlSeconds", SnapshotIntake.TtlSecondsDefault) is not (>= 1 and <= 30 * SnapshotIntake.DayS and var ttl))
            return NoSnapshot.Because("Its `ttlSeconds` are not 1 to 2592000.");
        if (Number(one, "staleSeconds", SnapshotIntake.DayS) is not (>= 0 and <= 30 * SnapshotIntake.DayS and var stale))
            return NoSnapshot.Because("Its `staleSeconds` are not 0 to 2592000.");
        if (!one.TryGetProperty("content", out var content))
            return NoSnapshot.Because("It has no `content`; null where there is nothing to show.");
        return new Incoming(source, key, "", version, type, content, (int)ttl, (int)stale);
    }

    private static string? Text(JsonElement one, string member) =>
        one.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement one, string member, long? absent) =>
        !one.TryGetProperty(member, out var value) ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
        : null;

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Key();
}
