using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Kontor.Home.Tests;

/// <summary>Any widgets, and anybody who comes to see them in any order.</summary>
internal static class GateStories
{
    public const int WidgetsMax = 6;

    public static readonly string[] Roles = ["alpha", "beta", "alphabet"];
    public static readonly string[] Persons = ["p0", "p1", "p2"];

    /// <summary>Those of whom a list knows.</summary>
    public static readonly string[] Listed = ["p0", "p2"];

    public enum Ask
    {
        Feed,
        Page,
        Explanation,
        Phone,

        /// <summary>The feed, if it is another than the one that somebody got before.</summary>
        Changed,
        Events,

        /// <summary>What is only for administrators.</summary>
        Administration,
    }

    public enum Rule
    {
        None,
        Segment,
        List,
        Language,
    }

    /// <param name="Mask">Of <see cref="Roles"/>, and whoever is not signed in.</param>
    /// <param name="Later">It begins tomorrow.</param>
    public sealed record Gate(int Mask, bool TwoFactors, Rule Rule, string? Variation, bool Later)
    {
        public string[] Names => Named(Mask & ((1 << Roles.Length) - 1));

        public bool IsForStrangers => Mask >> Roles.Length != 0;

        public void Guard(JsonObject widget, DateTimeOffset now)
        {
            var roles = Names.Select(role => (JsonNode)role).ToList();
            if (IsForStrangers) roles.Add("anonymous");
            widget["roles"] = new JsonArray([.. roles]);
            if (TwoFactors) widget["assurance"] = "two-factors";
            if (Variation is not null)
                widget["experiment"] = new JsonObject { ["key"] = "trial", ["variations"] = new JsonArray(Variation) };
            if (Later) widget["schedule"] = new JsonObject { ["startsAt"] = now.AddDays(1) };
            widget["rule"] = Rule switch
            {
                Rule.Segment => new JsonObject { ["$inGroup"] = "alphas" },
                Rule.List => new JsonObject { ["id"] = new JsonObject { ["$inGroup"] = "listed" } },
                Rule.Language => new JsonObject { ["language"] = "de" },
                _ => null,
            };
        }

        /// <summary>As it is documented, and not as it is written.</summary>
        public bool Passes(Visit visit)
        {
            if (TwoFactors && !(visit.Person >= 0 && visit.IsSure)) return false;
            if (Mask == 0) return true;
            return visit.Person >= 0 ? visit.Own.Intersect(Names).Any() : IsForStrangers;
        }

        /// <summary>Beyond the gate: what else a feed asks for, but for the variation.</summary>
        public bool IsShown(Visit visit) => Passes(visit) && !Later && Rule switch
        {
            Rule.Segment => visit.Own.Contains("alpha"),
            Rule.List => visit.Person >= 0 && Listed.Contains(Persons[visit.Person]),
            // What a phone keeps is the same in all languages.
            Rule.Language => visit is { IsGerman: true, Ask: not Ask.Phone },
            _ => true,
        };
    }

    /// <param name="Person">-1 for a stranger.</param>
    public sealed record Visit(int Person, int Mask, bool TwoFactors, bool IsGerman, Ask Ask)
    {
        public string[] Own => Person < 0 ? [] : Named(Mask);

        /// <summary>What a phone keeps is for every session of its owner, also for the least sure one.</summary>
        public bool IsSure => TwoFactors && Ask != Ask.Phone;
    }

    public sealed record Story(IReadOnlyList<Gate> Gates, IReadOnlyList<Visit> Visits);

    public static Arbitrary<Story> Any()
    {
        var gate = from mask in Gen.Choose(0, (1 << (Roles.Length + 1)) - 1)
                   from factors in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
                   from rule in Gen.Elements(Enum.GetValues<Rule>())
                   from variation in Gen.Frequency((3, Gen.Constant<string?>(null)), (1, Gen.Elements<string?>("control", "bold")))
                   from later in Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)))
                   select new Gate(mask, factors, rule, variation, later);
        var visit = from person in Gen.Choose(-1, Persons.Length - 1)
                    from mask in Gen.Choose(0, (1 << Roles.Length) - 1)
                    from factors in Gen.Elements(true, false)
                    from german in Gen.Elements(true, false)
                    from ask in Gen.Elements(Enum.GetValues<Ask>())
                    select new Visit(person, mask, factors, german, ask);
        return (from gates in Gen.ListOf(gate, WidgetsMax)
                from visits in Gen.ListOf(visit, 24)
                select new Story([.. gates], [.. visits])).ToArbitrary();
    }

    private static string[] Named(int mask) => [.. Roles.Where((_, i) => (mask & (1 << i)) != 0)];
}
