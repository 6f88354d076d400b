using Kontor.Foundation.Security;
using Kontor.Home.Widgets;

namespace Kontor.Home.Feed;

/// <summary>
/// All that decides which widgets a reader may see, and nothing else about the reader: readers with equal projections share one skeleton.
/// A skeleton is made from the projection alone, so it cannot hold what only one of them may see.
/// </summary>
/// <param name="Roles">Those of the reader's that any gate names, sorted, between commas: `,customer,premium,`.</param>
/// <param name="Renderers">Those in use that the client has, sorted, between commas; null for all of them.</param>
/// <param name="Assurance">Null when nobody is signed in, or no gate asks for more than the least.</param>
/// <param name="Period">The stretch of time in which no schedule begins or ends.</param>
/// <param name="Hours">Which of the model's hours are open.</param>
/// <param name="Answers">To each rule.</param>
/// <param name="Variations">Of each experiment in use.</param>
internal readonly record struct Projection(
    bool IsSignedIn, Assurance? Assurance, string Roles, string Language, string? Renderers, int Period, string Hours, string Answers,
    string Variations)
{
    public bool Passes(Widget widget) =>
        (widget.Target.Assurance == Foundation.Security.Assurance.OneFactor || Assurance >= widget.Target.Assurance)
        && Passes(widget.Roles);

    private bool Passes(IReadOnlyList<string> gate)
    {
        if (gate.Count == 0) return true;
        foreach (var role in gate)
        {
            if (role == Widget.Anonymous ? !IsSignedIn : IsSignedIn && Has(Roles, role)) return true;
        }

        return false;
    }

    /// <summary>For gates that no published widget has: with all that the reader has, whoever asks for it.</summary>
    public Projection ForAnyGate(CurrentUser? user) => this with { Assurance = user?.Assurance, Roles = List(user?.Roles ?? []) };

    public bool Renders(Widgets.Types.TypeName type) => Renderers is null || Has(Renderers, type.ToString());

    public static Projection Of(FeedModel model, Reader reader, long now)
    {
        var (query, user) = (reader.Query, reader.User);
        return new(
            user is not null,
            model.AsksForAssurance ? user?.Assurance : null,
            user is null ? "" : List(user.Roles.Where(model.GateRoles.Contains)),
            model.Languages.Contains(query.Language) ? query.Language : Widget.FallbackLanguage,
            RenderersOf(model, query),
            model.PeriodAt(now),
            model.Hours.At(now),
            model.Rules.Answers(reader.Attributes(model.Rules.Reads)),
            model.Experiments.Draw(reader, now));
    }

    // A client that has all that is in use is like one that has everything.
    private static string? RenderersOf(FeedModel model, FeedQuery query) =>
        query.Renderers is null || model.TypesInUse.All(query.Renderers.Contains)
            ? null
            : List(query.Renderers.Where(model.TypesInUse.Contains).Select(type => type.ToString()));

    private static string List(IEnumerable<string> names)
    {
        var sorted = names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return sorted.Length == 0 ? "" : $",{string.Join(',', sorted)},";
    }

    // Neither roles of gates nor names of types have a comma.
    private static bool Has(string list, string name)
    {
        for (var at = list.IndexOf(name, StringComparison.Ordinal); at >= 0; at = list.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            if (list[at - 1] == ',' && list[at + name.Length] == ',') return true;
        }

        return false;
    }
}
