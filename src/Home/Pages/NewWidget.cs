using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Home.Preview;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>An admin makes a widget: first of which type and who fills it, then all the rest.</summary>
public static class NewWidget
{
    /// <param name="Description">What the type's schema says of it, in English.</param>
    public sealed record TypeChoice(string Name, string? Description);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/new", Show);
        pages.MapPost("/new", Create);
    }

    private static async Task<RazorComponentResult> Show(
        string? type, string? source, WidgetEditing page, Database database, CancellationToken ct)
    {
        var types = await page.Types(ct);
        var sources = await database.Read(tx => StoredSources.All(tx).AsTask(), ct);
        var chosen = TypeName.Parse(type ?? "") is { } name ? types.Find(one => one.Name == name) : null;
        if (chosen is null)
        {
            return Pages.Render<NewWidgetPage>(new
            {
                Types = types.Select(one => new TypeChoice(one.Name.ToString(), Describe(one))).ToList(),
                Sources = sources.Select(one => one.Key).ToList(),
            });
        }

        var from = sources.Find(one => one.Key == source);
        var form = new WidgetForm { Team = from?.Team ?? "home" };
        return Pages.Render<NewWidgetPage>(new { Edit = await page.Of(null, chosen.Name, from?.Key, form, null, null, ct) });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection form, CurrentUser user, WidgetEditor editor, Database database, WidgetEditing page, TimeProvider time,
        CancellationToken ct)
    {
        if (TypeName.Parse(form["type"].ToString()) is not { } name) return TypedResults.LocalRedirect("/admin/widgets/new");
        var from = form["source"].ToString() is { Length: > 0 } source ? source : null;
        var command = form["do"].ToString();
        var keeps = command is "save" or "publish";
        var isTried = EditWidget.Typing.IsTried(command);
        var typed = await page.Read(form, name, from, isWhole: keeps || isTried, ct);
        var typing = new EditWidget.Typing(typed, PreviewForm.Of(form), IsSimulated: command == "simulate");
        if (!keeps && !isTried) return await page.RenderNew(name, from, typing, null, null, user, ct);
        var wishes = new WidgetWishes(typed, EditWidget.Edit.FieldOf(from));
        if (wishes.Create(name, from, command == "publish" ? WidgetState.Published : WidgetState.Draft) is not { } request)
            return await page.RenderNew(name, from, typing, wishes, null, user, ct);
        if (!keeps)
        {
            var (draft, fault) = await CreateWidget.Draft(request, editor, database, time, ct);
            return await page.RenderNew(name, from, typing with { Draft = draft }, wishes, fault, user, ct);
        }

        var (widget, problem) = await CreateWidget.Run(request, user, editor, time, ct);
        return problem is null
            ? TypedResults.LocalRedirect($"{EditWidget.AddressOf(widget!.Id)}?saved=1")
            : await page.RenderNew(name, from, typing, wishes, problem, user, ct);
    }

    private static string? Describe(WidgetType type) =>
        System.Text.Json.JsonElement.Parse(type.SchemaText).TryGetProperty("description", out var text) ? text.GetString() : null;
}
