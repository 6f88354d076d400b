using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;
using static Kontor.Home.Widgets.ListWidgets;

namespace Kontor.Home.Widgets;

/// <summary>An admin adds a widget and writes its content; the content is checked against the type's JSON Schema.</summary>
public static class CreateWidget
{
    private const long PriorityDefault = 100;

    private static readonly Problem TypeUnknown = new(422, "widget-type-unknown", "There is no such type of widget.");

    /// <param name="Key">Kebab-case, for instance `summer-banner`. That of an archived widget brings it back, with these settings.</param>
    /// <param name="TypeVersion">The first when it is left out.</param>
    /// <param name="Titles">By language; `en` is needed.</param>
    /// <param name="Roles">Who may see it; everybody when it is empty or left out.</param>
    /// <param name="State">`draft` when it is left out.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), Length(1, 64)] string Key,
        [property: MaxLength(64)] string Type,
        IReadOnlyDictionary<string, string> Titles,
        JsonElement Content,
        [property: Range(1, 999_999)] long TypeVersion = 1,
        IReadOnlyList<string>? Roles = null,
        WidgetSchedule? Schedule = null,
        [property: Range(0, 1000)] long Priority = PriorityDefault,
        WidgetState State = WidgetState.Draft) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. CheckTitles(Titles), .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()),
            .. CheckState(State),
        ];
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/widgets", Handle).WithName("CreateWidget");

    private static async Task<Results<Created<WidgetView>, ProblemHttpResult>> Handle(
        Request request, Database database, WidgetTypes types, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var (widget, problem) = await database.Write(tx => Create(tx, request, types, time), ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.Created($"/api/admin/widgets/{widget!.Id}", WidgetView.Of(widget));
    }

    private static async Task<Outcome<Widget>> Create(
        Tx tx, Request request, WidgetTypes types, TimeProvider time)
    {
        if (await types.Find(tx, new(request.Type, request.TypeVersion)) is not { } type) return TypeUnknown;
        var (content, problem) = WidgetContent.Read(request.Content, type);
        return problem is not null ? problem : await StoredWidgets.Create(tx, New(request, content!, time));
    }

    private static Widget New(Request request, byte[] content, TimeProvider time) => new(
        Ids.New(time), request.Key, null, null, new(request.Type, request.TypeVersion), request.Titles, Encoding.UTF8.GetString(content),
        request.Roles ?? [], request.Schedule?.StartsAt?.ToUnixTimeMilliseconds(), request.Schedule?.EndsAt?.ToUnixTimeMilliseconds(),
        request.Priority, request.State, 1, time.NowMs(), time.NowMs());
}
