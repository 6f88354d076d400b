using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Experiments;
using Kontor.Home.Preview;
using Kontor.Home.Rules;
using Kontor.Home.Simulation;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>
/// An admin changes a widget, shows it or takes it off, and agrees to or refuses what another one wishes. Buttons within the form say by
/// `do` what is wanted of what was typed; only `save` and `publish` keep it.
/// </summary>
public static class EditWidget
{
    /// <summary>What the page shows.</summary>
    /// <param name="Widget">As it is stored; null for a new one.</param>
    /// <param name="Source">Who fills it; null where an admin writes the content.</param>
    /// <param name="Fields">Of the content, or of what stands in for the source's; null when only JSON can say it.</param>
    /// <param name="Errors">By the name of the field, in English.</param>
    /// <param name="Refusal">What is wrong beyond fields, in English.</param>
    public sealed record Edit(
        WidgetView? Widget, string Type, string? Source, WidgetForm Form, ContentField? Fields, bool HasForm,
        IReadOnlyDictionary<string, string> Errors, string? Refusal, RuleForms.Form Rule, IReadOnlyList<string> KnownRoles)
    {
        public bool IsOwn => Source is null;

        /// <summary>An admin writes them, also where another system says the content.</summary>
        public bool HasTitles { get; init; } = true;

        /// <summary>Those that a widget can be part of, by name.</summary>
        public IReadOnlyList<ExperimentChoice> Experiments { get; init; } = [];

        /// <summary>For whom it is tried.</summary>
        public PreviewForm Try { get; init; } = new();

        /// <summary>The feed with what was typed; null until it is asked for.</summary>
        public PreviewView? View { get; init; }

        public Problem? ViewProblem { get; init; }

        /// <summary>What it would change for whom; null until it is asked for.</summary>
        public SimulateFeed.Response? Effect { get; init; }

        public string ContentField => FieldOf(Source);

        internal static string FieldOf(string? source) => source is null ? WidgetForm.ContentField : WidgetForm.FallbackField;
    }

    /// <param name="Variations">The control first.</param>
    public sealed record ExperimentChoice(
        string Key, string Name, ExperimentSettings.ExperimentState State,
        IReadOnlyList<ExperimentSettings.ExperimentVariation> Variations);

    /// <summary>What was typed and for whom it is tried.</summary>
    /// <param name="Draft">What it would become; null when nobody asks to see it.</param>
    /// <param name="IsSimulated">It is asked what it would change, rather than how one feed would look.</param>
    internal sealed record Typing(WidgetForm Form, PreviewForm Try, Widget? Draft = null, bool IsSimulated = false)
    {
        /// <summary>Buttons that look at the whole of what was typed and keep nothing.</summary>
        public static bool IsTried(string command) => command is "preview" or "simulate";
    }

    /// <summary>What waits for a second admin.</summary>
    /// <param name="IsMine">Then somebody else has to agree.</param>
    /// <param name="Mark">Names what was read, for who agrees.</param>
    /// <param name="Effect">What it would change for whom.</param>
    public sealed record Waiting(
        string? Who, bool IsMine, string Mark, IReadOnlyList<WidgetHistory.Change> Changes, SimulateFeed.Response Effect);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{id}", Show);
        pages.MapPost("/{id}", Save);
        pages.MapPost("/{id}/publish", (string id, IFormCollection form, CurrentUser user, WidgetEditor editor, WidgetEditing page,
            CancellationToken ct) => Done(id, editor.Publish(id, user.Id, Some(form["mark"]), ct), user, page, ct));
        pages.MapPost("/{id}/refuse", (string id, IFormCollection form, CurrentUser user, WidgetEditor editor, WidgetEditing page,
            CancellationToken ct) => Done(id, editor.Refuse(id, user.Id, Some(form["mark"]), ct), user, page, ct));
        pages.MapPost("/{id}/archive", (string id, CurrentUser user, WidgetEditor editor, WidgetEditing page, CancellationToken ct) =>
            Done(id, ArchiveWidget.Run(id, user, editor, ct), user, page, ct));
        pages.MapPost("/{id}/restore", (string id, CurrentUser user, WidgetEditor editor, WidgetEditing page, CancellationToken ct) =>
            Done(id, ChangeWidget.Run(id, new(State: WidgetState.Draft), user, editor, ct), user, page, ct));
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? saved, CurrentUser user, WidgetEditing page, CancellationToken ct) =>
        await page.Find(id, ct) is { } widget
            ? await page.Render(widget, user, null, null, null, ct, isSaved: saved is not null)
            : StoredWidgets.Unknown.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Save(
        string id, IFormCollection form, CurrentUser user, WidgetEditor editor, Database database, WidgetEditing page, CancellationToken ct)
    {
        if (await page.Find(id, ct) is not { } widget) return StoredWidgets.Unknown.ToResult();
        var command = form["do"].ToString();
        var keeps = command is "save" or "publish";
        var isTried = Typing.IsTried(command);
        var typed = await page.Read(form, widget.Type, widget.Source, isWhole: keeps || isTried, ct);
        var tried = PreviewForm.Of(form);
        if (!keeps && !isTried) return await page.Render(widget, user, new(typed, tried), null, null, ct);
        var wishes = new WidgetWishes(typed, Edit.FieldOf(widget.Source));
        if (wishes.Change(widget, command == "publish" ? WidgetState.Published : null) is not { } request)
            return await page.Render(widget, user, new(typed, tried), wishes, null, ct);
        if (!keeps)
        {
            var (draft, fault) = await ChangeWidget.Draft(widget, request, editor, database, ct);
            return await page.Render(widget, user, new(typed, tried, draft, command == "simulate"), wishes, fault, ct);
        }

        var (_, problem) = await ChangeWidget.Run(id, request, user, editor, ct);
        if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(id)}?saved=1");
        return await page.Render(widget, user, new(typed, tried), wishes, problem, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Done(
        string id, Task<Outcome<Widget>> doing, CurrentUser user, WidgetEditing page, CancellationToken ct)
    {
        var (_, problem) = await doing;
        if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(id)}?saved=1");
        return await page.Find(id, ct) is { } widget ? await page.Render(widget, user, null, null, problem, ct) : problem.ToResult();
    }

    internal static string AddressOf(string id) => $"/admin/widgets/{Uri.EscapeDataString(id)}";

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
