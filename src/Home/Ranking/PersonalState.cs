using System.Buffers;
using System.Text;
using System.Text.Json;
using Kontor.Foundation.Time;

namespace Kontor.Home.Ranking;

/// <summary>All that the ranking knows of one person; what requests read is never changed.</summary>
/// <param name="IsOn">False for somebody who wants nothing personal: then nothing is known, and nothing learned.</param>
internal sealed record PersonalState(bool IsOn, Taste Taste, Impressions Seen)
{
    private const int BytesOfPerson = 600;
    private const int BytesOfLike = 80;
    private const int BytesOfImpression = 40;

    /// <summary>As `home_tastes` keeps it.</summary>
    public sealed record Row(bool IsOn, string Likes, long LikesAsOf, string Seen);

    /// <summary>In memory, roughly; the texts are shared with the widgets.</summary>
    public int Bytes => BytesOfPerson + (BytesOfLike * Taste.Likes.Count) + (BytesOfImpression * Seen.Ring.Count);

    public static PersonalState New(RankingOptions options, bool isOn = true) =>
        new(isOn, new(new Dictionary<string, float>(), 0, HalfLife(options)), new([]));

    public static PersonalState Of(Row? row, RankingOptions options)
    {
        if (row is null) return New(options);
        return new(
            row.IsOn,
            new(JsonSerializer.Deserialize<Dictionary<string, float>>(row.Likes)!, row.LikesAsOf, HalfLife(options)),
            new(ReadSeen(row.Seen)));
    }

    public Row ToRow() => new(IsOn, JsonSerializer.Serialize(Taste.Likes), Taste.AsOf, WriteSeen());

    private static long HalfLife(RankingOptions options) => (long)(options.AffinityHalfLifeDays * Clock.Day);

    /// <summary>`[["widget", day, halfHours, response], ...]`</summary>
    private string WriteSeen()
    {
        var buffer = new ArrayBufferWriter<byte>(64 * Seen.Ring.Count + 2);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var one in Seen.Ring)
            {
                json.WriteStartArray();
                json.WriteStringValue(one.WidgetId);
                json.WriteNumberValue(one.Day);
                json.WriteNumberValue(one.HalfHours);
                json.WriteNumberValue((int)one.Response);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static List<Impression> ReadSeen(string text)
    {
        using var json = JsonDocument.Parse(text);
        var ring = new List<Impression>(json.RootElement.GetArrayLength());
        foreach (var one in json.RootElement.EnumerateArray())
        {
            // Widgets are few and persons many: one text for each of them, not one for each person.
            var last = one.GetArrayLength() - 1;
            // Rows of an earlier version have the number of visits and the minute of the latest.
            var halfHours = last == 4 ? Impression.HalfHourOf(one[3].GetInt32()) : one[2].GetInt64();
            ring.Add(new(string.Intern(one[0].GetString()!), one[1].GetInt64(), halfHours, (Response)one[last].GetInt32()));
        }

        return ring;
    }
}
