using Kontor.Foundation.Security;
using Kontor.Home.Widgets;

namespace Kontor.Home.Feed;

/// <summary>
/// All that decides which widgets a reader may see, and nothing else about the reader: readers with equal projections share one skeleton.
/// A skeleton is made from the projection alone, so it cannot hold what only one of them may see.
/// </summary>
/// <param name="Roles">Those of the reader's that any gate names, sorted, between commas: `,customer,premium,`.</param>
/// <param name="Renderers">Those in use that the client has, sorted, between commas; null for all.</param>
/// <param name="Period">The stretch of time in which no schedule begins or ends.</param>
internal readonly record struct Projection(bool IsSignedIn, string Roles, string Language, string? Renderers, int Period)
{
    public bool Passes(IReadOnlyList<string> gate)
    {
        if (gate.Count == 0) return true;
        foreach (var role in gate)
        {
            if (role == Widget.Anonymous ? !IsSignedIn : IsSignedIn && Has(Roles, role)) return true;
        }

        return false;
    }

    public bool Renders(Widgets.Types.TypeName type) => Renderers is null || Has(Renderers, type.ToString());

    public static Projection Of(FeedModel model, FeedQuery query, CurrentUser? user, long now) => new(
        user is not null,
        user is null ? "" : List(user.Roles.Where(model.GateRoles.Contains)),
        model.Languages.Contains(query.Language) ? query.Language : Widget.FallbackLanguage,
        query.Renderers is null ? null : List(query.Renderers.Where(model.TypesInUse.Contains).Select(type => type.ToString())),
        model.PeriodAt(now));

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
