using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;

namespace Kontor.Accounts.Import;

/// <summary>A person as a file tells of them, not looked at yet.</summary>
/// <param name="Line">Where the record begins, from 1.</param>
/// <param name="Fields">By name in lower case without `_`: `passwordhash`; what is empty or null is left out.</param>
/// <param name="Error">In English, when the record itself cannot be read.</param>
internal sealed record UserRecord(long Line, IReadOnlyDictionary<string, string> Fields, string? Error = null);

/// <summary>Reads CSV with a line of names (RFC 4180), or one JSON object a line; the first character tells which.</summary>
internal static class UserFile
{
    private static readonly Dictionary<string, string> Nothing = [];

    private static readonly CsvReaderOptions Csv =
        new() { TrackLineNumbers = true, MaxRecordSize = 64 * 1024, MalformedData = CsvMalformedDataHandling.Throw };

    public static async IAsyncEnumerable<UserRecord> Read(string path, [EnumeratorCancellation] CancellationToken ct)
    {
        using var file = new StreamReader(path);
        while (file.Peek() >= 0 && char.IsWhiteSpace((char)file.Peek())) file.Read();
        var records = file.Peek() == '{' ? ReadJson(file, ct) : ReadCsv(file, ct);
        await foreach (var record in records) yield return record;
    }

    private static async IAsyncEnumerable<UserRecord> ReadJson(StreamReader file, [EnumeratorCancellation] CancellationToken ct)
    {
        for (var line = 1L; await file.ReadLineAsync(ct) is { } text; line++)
        {
            if (!string.IsNullOrWhiteSpace(text)) yield return OfJson(line, text);
        }
    }

    private static UserRecord OfJson(long line, string text)
    {
        try
        {
            var json = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(text)!;
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (name, value) in json) Add(fields, name, TextOf(value));
            return new(line, fields);
        }
        catch (JsonException exception)
        {
            return new(line, Nothing, $"This is no JSON object: {exception.Message}");
        }
    }

    /// <summary>A list is written as CSV has it, with spaces between.</summary>
    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.Array => string.Join(' ', value.EnumerateArray().Select(TextOf)),
        _ => value.ToString(),
    };

    private static async IAsyncEnumerable<UserRecord> ReadCsv(StreamReader file, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var csv = CsvReader.Create(file, Csv, leaveOpen: true);
        UserRecord? broken = null;
        while (broken is null)
        {
            try
            {
                if (!await csv.ReadAsync(ct)) yield break;
            }
            catch (CsvFormatException exception)
            {
                broken = new(exception.LineNumber, Nothing, $"This is no CSV, and nothing behind it was read: {exception.Message}");
            }

            yield return broken ?? OfCsv(csv);
        }
    }

    private static UserRecord OfCsv(CsvReader csv)
    {
        var names = csv.Headers;
        if (csv.FieldCount != names.Count) return new(csv.LineNumber, Nothing, $"There are {csv.FieldCount} fields, not {names.Count}.");
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++) Add(fields, names[i], csv.GetString(i));
        return new(csv.LineNumber, fields);
    }

    private static void Add(Dictionary<string, string> fields, string name, string value)
    {
        if (value.Length > 0) fields[name.Replace("_", "", StringComparison.Ordinal).Trim().ToLowerInvariant()] = value;
    }
}
