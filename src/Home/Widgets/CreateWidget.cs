using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>An admin adds a widget and writes its content; the content is checked against the type's JSON Schema.</summary>
public static class CreateWidget
{
    private const long PriorityDefault = 100;

    /// <param name="Key">Kebab-case, for instance `summer-banner`. That of an archived widget brings it back, with these settings.</param>
    /// <param name="TypeVersion">The first when it is left out.</param>
    /// <param name="Titles">By language; `en` is needed.</param>
    /// <param name="Roles">Who may see it; everybody when it is empty or left out.</param>
    /// <param name="State">`draft` when it is left out.</param>
    /// <param name="Team">Whose it is; `home` when it is left out.</param>
    /// <param name="Assurance">The least that a session must be; together with the roles it is the gate.</param>
    /// <param name="Rule">A condition over the registered attributes.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), Length(1, 64)] string Key,
        [property: MaxLength(64)] string Type,
        IReadOnlyDictionary<string, string> Titles,
        JsonElement Content,
        [property: Range(1, 999_999)] long TypeVersion = 1,
        IReadOnlyList<string>? Roles = null,
        WidgetSchedule? Schedule = null,
        [property: Range(0, 1000)] long Priority = PriorityDefault,
        WidgetState State = WidgetState.Draft,
        string? Team = null,
        WidgetPlacement? Placement = null,
        Assurance? Assurance = null,
        JsonElement? Rule = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. CheckTitles(Titles), .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()),
            .. CheckState(State), .. CheckTarget(Team, Placement, Assurance, Rule, fallback: null),
        ];
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/widgets", Handle).WithName("CreateWidget");

    private static async Task<Results<Created<WidgetView>, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, WidgetEditor editor, TimeProvider time, CancellationToken ct)
    {
        var (widget, problem) = await editor.Create(
            New(request, time), user.Id, (tx, blank) => editor.Checked(tx, blank, request.Content, request.Rule, null), ct);
        return problem is not null
            ? problem.ToResult()
            : TypedResults.Created($"/api/admin/widgets/{widget!.Id}", WidgetView.Of(widget));
    }

    private static Widget New(Request request, TimeProvider time) => new(
        Ids.New(time), request.Key, null, null, new(request.Type, request.TypeVersion), request.Titles, null,
        request.Roles ?? [], request.Schedule?.StartsAt?.ToUnixTimeMilliseconds(), request.Schedule?.EndsAt?.ToUnixTimeMilliseconds(),
        request.Priority, request.State, 1, time.NowMs(), time.NowMs())
    {
        Target = new()
        {
            Team = request.Team ?? "home",
            Slot = request.Placement?.Slot ?? WidgetSlot.Main,
            Pin = request.Placement?.Pin,
            Assurance = request.Assurance ?? Assurance.OneFactor,
            Hours = request.Schedule?.Hours,
        },
    };
}
