using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Foundation.Privacy;

/// <summary>
/// Writes what is stored about a person as JSON, straight to whoever asks. Lists are read in pages, and a page is sent before the next one
/// is read: neither the memory nor a transaction grows with them, however slowly the person receives.
/// </summary>
public sealed class ExportWriter : IAsyncDisposable
{
    /// <summary>How many rows a page has at most; a query's LIMIT.</summary>
    public const int PageRows = 500;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        Encoder = Encoder,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private readonly Database _database;
    private readonly PipeWriter _target;
    private readonly Utf8JsonWriter _json;

    private ExportWriter(Database database, PipeWriter target)
    {
        (_database, _target) = (database, target);
        _json = new(target, new JsonWriterOptions { Indented = true, Encoder = Encoder });
    }

    // People read it too; it is no HTML.
    private static JavaScriptEncoder Encoder => JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>One object with a member for each module.</summary>
    public static async Task Write(
        DataSubject person, IEnumerable<IPersonalData> modules, Database database, PipeWriter target, CancellationToken ct)
    {
        await using var export = new ExportWriter(database, target);
        export._json.WriteStartObject();
        export.Value("exportedAt", person.Until.ToTime());
        foreach (var module in modules)
        {
            export._json.WriteStartObject(module.Name);
            await module.Export(person, export, ct);
            export._json.WriteEndObject();
            await export.Send(ct);
        }

        export._json.WriteEndObject();
        await export.Send(ct);
    }

    /// <summary>One member; a record becomes an object.</summary>
    public void Value<T>(string name, T value)
    {
        _json.WritePropertyName(name);
        JsonSerializer.Serialize(_json, value, Json);
    }

    /// <summary>One member that is a list, read in pages.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="page">Reads the rows after one, or the first ones after null: at most <see cref="PageRows"/>, in an order of their
    /// key.</param>
    /// <param name="view">What is written of a row.</param>
    /// <param name="ct">Ends it; what was sent by then is no whole JSON.</param>
    public async Task List<TRow, TView>(
        string name, Func<Tx, TRow?, ValueTask<List<TRow>>> page, Func<TRow, TView> view, CancellationToken ct)
        where TRow : class
    {
        _json.WriteStartArray(name);
        TRow? last = null;
        while (true)
        {
            var rows = await _database.Read(tx => page(tx, last).AsTask(), ct);
            foreach (var row in rows) JsonSerializer.Serialize(_json, view(row), Json);
            await Send(ct);
            if (rows.Count < PageRows) break;
            last = rows[^1];
        }

        _json.WriteEndArray();
    }

    public ValueTask DisposeAsync() => _json.DisposeAsync();

    private async Task Send(CancellationToken ct)
    {
        await _json.FlushAsync(ct);
        await _target.FlushAsync(ct);
    }
}
