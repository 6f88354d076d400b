using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Home.Feed;
using Kontor.Home.Preview;
using Kontor.Home.Rules;
using Kontor.Home.Simulation;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Home;

/// <summary>Reads what the pages of the editor show.</summary>
internal sealed class WidgetEditing(
    Database database, WidgetTypes types, FeedModels models, FeedPreview preview, Simulator simulator, IEnumerable<IAddressBook> people,
    Texts texts)
{
    private static readonly string[] UsualRoles = [Widget.Anonymous, RoleNames.Customer, RoleNames.Premium, RoleNames.Admin];

    public Task<Widget?> Find(string id, CancellationToken ct) => database.Read(tx => StoredWidgets.ById(tx, id), ct);

    /// <summary>An object without members when there is no such type (any more).</summary>
    public async Task<JsonElement> SchemaOf(TypeName type, CancellationToken ct) =>
        JsonElement.Parse((await database.Read(tx => types.Find(tx, type), ct))?.SchemaText ?? "{}");

    public Task<List<WidgetType>> Types(CancellationToken ct) => database.Read(types.All, ct);

    /// <summary>What was typed, and then what a button beside the fields asks for.</summary>
    /// <param name="source">Null where an admin writes the content.</param>
    /// <param name="isWhole">Entries of lists of which nothing was typed are none.</param>
    public async Task<WidgetForm> Read(IFormCollection typed, TypeName type, string? source, bool isWhole, CancellationToken ct)
    {
        var rule = RuleForms.Read(typed, models.Current.Vocabulary, texts);
        var form = WidgetForm.Read(typed, await SchemaOf(type, ct), EditWidget.Edit.FieldOf(source), !isWhole) with
        {
            Rule = rule.Json,
            RuleForm = rule,
        };
        var command = typed["do"].ToString();
        if (command == "turn") return form.Turned();
        if (form.Content is { } content) ContentForm.Apply(content, command);
        return form;
    }

    /// <summary>The form with its fields, and what is wrong with it.</summary>
    /// <param name="problem">Why the API refused it.</param>
    public async Task<EditWidget.Edit> Of(
        Widget? widget, TypeName type, string? source, WidgetForm form, WidgetWishes? wishes, Problem? problem, CancellationToken ct)
    {
        var schema = await SchemaOf(type, ct);
        var refusal = problem is null ? null : wishes is null ? problem.Detail ?? problem.Title : wishes.Take(problem);
        var content = form.IsJson ? WidgetForm.Parsed(form.Json) : form.Content;
        var fields = ContentForm.Of(schema, content);
        // What the fields cannot show is shown as it is stored.
        if (fields is null && !form.IsJson) form = form with { IsJson = true, Json = WidgetForm.Written(form.Content) };
        return new(
            widget is null ? null : WidgetView.Of(widget), type.ToString(), source, form, fields, fields is not null,
            wishes?.Errors ?? new Dictionary<string, string>(), refusal,
            form.RuleForm ?? RuleForms.Of(widget?.Target.Rule, models.Current.Vocabulary, texts),
            [.. UsualRoles.Concat(models.Current.GateRoles.Order(StringComparer.Ordinal)).Distinct()])
        {
            // A new one of a product is not made by hand.
            HasTitles = widget?.HasOwnTitles != false,
            Experiments =
            [
                .. models.Current.Experiments.All.OrderBy(one => one.Design.Name, StringComparer.CurrentCultureIgnoreCase)
                    .Select(one => new EditWidget.ExperimentChoice(one.Key, one.Design.Name, one.State, one.Design.Variations)),
            ],
        };
    }

    public async Task<RazorComponentResult> Render(
        Widget widget, CurrentUser user, EditWidget.Typing? typed, WidgetWishes? wishes, Problem? problem, CancellationToken ct,
        bool isSaved = false)
    {
        var form = typed?.Form ?? WidgetForm.Of(WidgetView.Of(widget));
        var edit = await Tried(await Of(widget, widget.Type, widget.Source, form, wishes, problem, ct), typed, user, ct);
        var status = problem?.Status ?? (wishes is { Errors.Count: > 0 } ? 400 : 200);
        return Pages.Render<WidgetPage>(
            new { Edit = edit, Waiting = await WaitingOf(widget, user, ct), IsSaved = isSaved, IsTyped = typed is not null }, status);
    }

    public async Task<RazorComponentResult> RenderNew(
        TypeName type, string? source, EditWidget.Typing typed, WidgetWishes? wishes, Problem? problem, CurrentUser user,
        CancellationToken ct)
    {
        var edit = await Tried(await Of(null, type, source, typed.Form, wishes, problem, ct), typed, user, ct);
        return Pages.Render<NewWidgetPage>(
            new { Edit = edit, DraftKey = typed.Draft?.Key }, problem?.Status ?? (wishes is { Errors.Count: > 0 } ? 400 : 200));
    }

    /// <summary>With the feed that somebody would have, or with what would change for whom, where it is asked for.</summary>
    public async Task<EditWidget.Edit> Tried(EditWidget.Edit edit, EditWidget.Typing? typed, CurrentUser user, CancellationToken ct)
    {
        if (typed?.Draft is not { } draft) return typed is null ? edit : edit with { Try = typed.Try };
        if (typed.IsSimulated) return edit with { Try = typed.Try, Effect = Effect(draft) };
        var (view, problem) = await preview.Of(typed.Try, draft, user, ct);
        return edit with { Try = typed.Try, View = view, ViewProblem = problem };
    }

    /// <summary>Who it was, as people are called here; null for nobody, or nobody any more.</summary>
    public async Task<string?> NameOf(string? userId, CancellationToken ct)
    {
        if (userId is null or "" || people.FirstOrDefault() is not { } book) return userId is "" ? null : userId;
        var person = await database.Read(tx => book.Find(tx, userId).AsTask(), ct);
        return person is null ? null : person.Name.Length > 0 ? person.Name : person.Address;
    }

    private async Task<EditWidget.Waiting?> WaitingOf(Widget widget, CurrentUser user, CancellationToken ct)
    {
        if (widget.Proposal is not { } wish) return null;
        var changes = Revisions.Difference(WidgetView.Json(widget), wish.Json)
            .Select(change => new WidgetHistory.Change(change.Member, change.Before, change.After)).ToList();
        return new(
            await NameOf(wish.UserId, ct), wish.UserId == user.Id, wish.Mark, changes, Effect(WidgetView.Apply(widget, wish.Json)));
    }

    /// <summary>Of what is archived too: it is about what would be shown.</summary>
    private SimulateFeed.Response Effect(Widget draft) => simulator.Try(draft with { State = WidgetSettings.WidgetState.Published });
}
