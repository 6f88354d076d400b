using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Kontor.Home.Widgets.Types;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin looks at the types of widgets, writes them, and tries content against them.</summary>
public static class ShowTypes
{
    /// <param name="Chain">What stands in where a client cannot show it, itself first.</param>
    public sealed record Row(ListTypes.TypeView Type, IReadOnlyList<string> Chain);

    /// <summary>What has just been done, or was refused.</summary>
    /// <param name="Typed">What was entered and refused, by field.</param>
    public sealed record Done(
        Problem? Problem = null, bool IsSaved = false, VerifyType.Response? Report = null,
        IReadOnlyDictionary<string, string>? Typed = null);

    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");
    private static readonly Problem NotJson = new(400, "validation-failed", "A schema, examples, a mapping and content are JSON.");

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin/types").RequireAuthorization(Policies.Admin).AddEndpointFilter<AdminTrail>();
        pages.MapGet("", List);
        pages.MapPost("", Create);
        pages.MapGet("/{type}", Show);
        pages.MapPost("/{type}", Change);
        pages.MapPost("/{type}/verify", Verify);
        pages.MapPost("/{type}/delete", Delete);
    }

    private static async Task<RazorComponentResult> List(
        string? from, FeedModels models, Database database, WidgetTypes types, CancellationToken ct)
    {
        if (TypeName.Parse(from ?? "") is not { } name || await database.Read(tx => types.Find(tx, name), ct) is not { } type)
            return RenderList(new(), models);
        // Its next version begins as it is.
        var typed = new Dictionary<string, string> { ["key"] = name.Key, ["schema"] = Pretty(type.SchemaText) };
        return RenderList(new(Typed: typed), models);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection form, TypeEditor editor, FeedModels models, CancellationToken ct)
    {
        var schema = Json(form["schema"]);
        if (schema is null) return RenderList(new(NotJson, Typed: Fields(form)), models);
        var request = new ManageTypes.Request(form["key"].ToString().Trim(), schema.Value);
        if (!IsValid(request)) return RenderList(new(Invalid, Typed: Fields(form)), models);
        var (made, problem) = await editor.Create(request, ct);
        if (problem is not null) return RenderList(new(problem, Typed: Fields(form)), models);
        await models.Reload(ct);
        return TypedResults.LocalRedirect($"/admin/types/{made!.Name}?saved=1");
    }

    private static Task<IResult> Show(
        string type, string? saved, FeedModels models, Database database, WidgetTypes types, CancellationToken ct) =>
        Render(type, new(IsSaved: saved is not null), models, database, types, ct);

    private static async Task<IResult> Change(
        string type, IFormCollection form, TypeEditor editor, FeedModels models, Database database, WidgetTypes types, CancellationToken ct)
    {
        var problem = Read(form) is not { } request ? NotJson
            : !IsValid(request) || !IsValid(request.Limits!) || !IsValid(request.Fallback!) ? Invalid
            : (await editor.Change(type, request, ct)).Problem;
        if (problem is not null) return await Render(type, new(problem, Typed: Fields(form)), models, database, types, ct);
        await models.Reload(ct);
        return TypedResults.LocalRedirect($"/admin/types/{type}?saved=1");
    }

    private static async Task<IResult> Verify(
        string type, IFormCollection form, VerifyType.Verifier verifier, FeedModels models, Database database, WidgetTypes types,
        CancellationToken ct)
    {
        if (Json(form["content"]) is not { } content)
            return await Render(type, new(NotJson, Typed: Fields(form)), models, database, types, ct);
        var (report, problem) = await verifier.Verify(type, "", new(Snapshot: new(content)), ct);
        return await Render(type, new(problem, Report: report, Typed: Fields(form)), models, database, types, ct);
    }

    private static async Task<IResult> Delete(
        string type, TypeEditor editor, FeedModels models, Database database, WidgetTypes types, CancellationToken ct)
    {
        if (await editor.Delete(type, ct) is { } problem) return await Render(type, new(problem), models, database, types, ct);
        await models.Reload(ct);
        return TypedResults.LocalRedirect("/admin/types");
    }

    private static RazorComponentResult RenderList(Done done, FeedModels models)
    {
        var model = models.Current;
        var users = model.Widgets.ToLookup(one => one.Widget.Type, one => one.Widget.Key);
        var rows = model.Types.Values.OrderBy(type => type.Name.Key, StringComparer.Ordinal).ThenBy(type => type.Name.Version)
            .Select(type => new Row(ListTypes.ViewOf(type, [.. users[type.Name]]), ChainOf(model, type.Name))).ToList();
        return Ui.Pages.Render<TypesPage>(new { Rows = rows, Done = done }, done.Problem?.Status ?? 200);
    }

    private static async Task<IResult> Render(
        string type, Done done, FeedModels models, Database database, WidgetTypes types, CancellationToken ct)
    {
        if (TypeName.Parse(type) is not { } name) return TypeEditor.Unknown.ToResult();
        var view = await database.Snapshot(
            async tx => await types.Find(tx, name) is { } found
                ? ListTypes.ViewOf(found, await WidgetTypes.Users(tx, name, ListTypes.UsersShown))
                : null, ct);
        return view is null
            ? TypeEditor.Unknown.ToResult()
            : Ui.Pages.Render<TypePage>(
                new { Row = new Row(view, ChainOf(models.Current, name)), Done = done }, done.Problem?.Status ?? 200);
    }

    private static IReadOnlyList<string> ChainOf(FeedModel model, TypeName name) =>
        [.. model.Forms.Of(name).Select(form => form.Name.ToString())];

    /// <summary>Null when a part that is JSON is none.</summary>
    private static ManageTypes.ChangeRequest? Read(IFormCollection form)
    {
        JsonElement? schema = null;
        if (form.ContainsKey("schema") && (schema = Json(form["schema"])) is null) return null;
        var examples = Json(form["examples"].ToString() is { Length: > 0 } list ? list : "[]");
        if (examples is not { ValueKind: JsonValueKind.Array } some) return null;
        JsonElement? mapping = null;
        if (form["mapping"].ToString().Trim().Length > 0 && (mapping = Json(form["mapping"])) is null) return null;
        var fallback = form["fallback"].ToString().Trim();
        return new(
            schema, [.. some.EnumerateArray()],
            new(Number(form, "maxBytes"), Number(form, "ttlSecondsMin"), Number(form, "ttlSecondsMax"), Number(form, "staleSecondsMax"),
                Number(form, "pushesPerMinute"), Number(form, "timeoutMs")),
            fallback.Length == 0 ? new() : new(fallback, mapping));
    }

    // What is no number is out of every range, and so refused.
    private static int? Number(IFormCollection form, string field) => form[field].ToString().Trim() is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static JsonElement? Json(string? text)
    {
        try
        {
            return JsonElement.Parse(text ?? "");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string Pretty(string json) => Pretty(JsonElement.Parse(json));

    internal static string Pretty(JsonElement json) => JsonSerializer.Serialize(json, Indented);

    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Dictionary<string, string> Fields(IFormCollection form) =>
        form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal);

    private static bool IsValid(object request) =>
        Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);
}
