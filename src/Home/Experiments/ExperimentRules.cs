using System.Text.RegularExpressions;
using Kontor.Foundation;
using Kontor.Home.Rules;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>What a design has to be, and what of it is fixed as long as it runs.</summary>
internal static partial class ExperimentRules
{
    public const int VariationsMax = 10;

    private const int NameLengthMax = 120;
    private const int TextLengthMax = 2000;
    private const int ListMax = 10;

    /// <summary>The member of a refusal that names the variations in which nothing is shown.</summary>
    public const string EmptyVariations = "emptyVariations";

    /// <summary>What weights may differ from 1 together.</summary>
    private const double Tolerance = 0.001;

    public static readonly Problem Invalid = new(422, "experiment-invalid", "The experiment cannot run like this.");

    private static readonly Problem NothingToClick = Invalid.With("errors", new Dictionary<string, string[]>
    {
        ["goal"] =
        [
            "A variation without a published widget is never clicked: publish one in each variation, or choose an event as the goal.",
        ],
    });

    public static readonly Problem Fixed = new(
        409, "experiment-fixed",
        "This cannot change while the experiment runs, because it would move people: raise the bucket version to begin anew.");

    /// <summary>All that is wrong, by field; null when nothing is.</summary>
    /// <param name="others">Those that it may depend on.</param>
    /// <param name="goals">The names of events that are counted.</param>
    public static Problem? Check(
        string key, Design design, IReadOnlyDictionary<string, StoredExperiment> others, Vocabulary vocabulary, IReadOnlySet<string> goals)
    {
        List<(string Field, string Reason)> faults =
        [
            .. Words(design), .. Variations(design), .. Drawing(design), .. Shares(design), .. Parents(key, design, others),
        ];
        if (design.Condition is { } condition && RuleBook.Check(condition, vocabulary) is { } problem)
            faults.AddRange(Vocabulary.FaultsOf(problem).Select(reason => ("condition", reason)));

        if (design.Goal != ClickGoal && !goals.Contains(design.Goal)) faults.Add(("goal", "There is no such goal."));
        return faults.Count == 0 ? null : Invalid.With("errors", faults
            .GroupBy(fault => fault.Field, fault => fault.Reason)
            .ToDictionary(field => field.Key, field => field.Distinct().ToArray()));
    }

    /// <summary>Clicks could only speak against what shows nothing; null when the goal can be reached in all variations.</summary>
    /// <param name="shown">The variations in which a published widget is.</param>
    public static Problem? CannotReach(Design design, IReadOnlySet<string> shown)
    {
        if (OutOfReach(design, shown) is not { Count: > 0 } empty) return null;
        return NothingToClick.Because($"Without a published widget: {string.Join(", ", empty)}.").With(EmptyVariations, empty);
    }

    /// <summary>The keys of the variations that nobody can click, where clicks decide.</summary>
    public static List<string> OutOfReach(Design design, IReadOnlySet<string> shown) =>
        design.Goal == ClickGoal ? Empty(design, shown) : [];

    /// <summary>The keys of the variations in which nothing is shown.</summary>
    public static List<string> Empty(Design design, IReadOnlySet<string> shown) =>
        [.. design.Variations.Select(one => one.Key).Where(one => !shown.Contains(one))];

    /// <summary>What may not differ once people have been drawn; more coverage moves nobody, and so may come.</summary>
    public static Problem? Locked(Design before, Design after)
    {
        if (after.BucketVersion > before.BucketVersion) return null;
        var fields = new List<string>();
        Differs("variations", before.Variations.Select(one => one.Key), after.Variations.Select(one => one.Key));
        Differs("weights", before.Weights ?? [], after.Weights ?? []);
        Differs("ranges", (before.Ranges ?? []).SelectMany(pair => pair), (after.Ranges ?? []).SelectMany(pair => pair));
        Differs("namespace", [before.Namespace], [after.Namespace]);
        Differs("holdouts", before.Holdouts, after.Holdouts);
        Differs("seed", [before.Seed], [after.Seed]);
        Differs("hashVersion", [before.HashVersion], [after.HashVersion]);
        Differs("hashAttribute", [before.HashAttribute], [after.HashAttribute]);
        Differs("fallbackAttribute", [before.FallbackAttribute], [after.FallbackAttribute]);
        Differs("sticky", [before.Sticky], [after.Sticky]);
        Differs("goal", [before.Goal], [after.Goal]);
        if (after.Coverage < before.Coverage) fields.Add("coverage");
        if (after.BucketVersion < before.BucketVersion) fields.Add("bucketVersion");
        return fields.Count == 0 ? null : Fixed.With("fields", fields);

        void Differs<T>(string field, IEnumerable<T> old, IEnumerable<T> now)
        {
            if (!old.SequenceEqual(now)) fields.Add(field);
        }
    }

    public static bool IsKey(string key) => Key().IsMatch(key);

    private static IEnumerable<(string, string)> Words(Design design)
    {
        if (design.Name is not { Length: >= 1 and <= NameLengthMax }) yield return ("name", $"A name has 1 to {NameLengthMax} characters.");
        if (design.Hypothesis.Length > TextLengthMax) yield return ("hypothesis", $"It has at most {TextLengthMax} characters.");
        if (!Word().IsMatch(design.Team)) yield return ("team", "A team is a word in lower case, such as `lending`.");
        if (design.Schedule.StartsAt >= design.Schedule.EndsAt) yield return ("schedule", "It ends before it starts.");
    }

    private static IEnumerable<(string, string)> Variations(Design design)
    {
        const string field = "variations";
        if (design.Variations.Any(one => one is null))
        {
            yield return (field, "A variation has a key and a name.");
            yield break;
        }

        if (design.Variations.Count is < 2 or > VariationsMax) yield return (field, $"There are 2 to {VariationsMax} variations.");
        if (design.Variations.Any(one => one.Key is null || !Word().IsMatch(one.Key)))
            yield return (field, "A variation's key is a word in lower case, such as `control`.");
        if (design.Variations.Any(one => one.Name is not { Length: >= 1 and <= NameLengthMax }))
            yield return (field, $"A variation's name has 1 to {NameLengthMax} characters.");
        if (design.Variations.DistinctBy(one => one.Key).Count() < design.Variations.Count)
            yield return (field, "Each variation has a key of its own.");
    }

    private static IEnumerable<(string, string)> Drawing(Design design)
    {
        if (design.Coverage is not (>= 0 and <= 1)) yield return ("coverage", "The coverage is from 0 to 1 (100 %).");
        if (design.Weights is { } weights)
        {
            if (weights.Count != design.Variations.Count) yield return ("weights", "There is one weight for each variation.");
            if (weights.Any(weight => weight is not (>= 0 and <= 1)) || Math.Abs(weights.Sum() - 1) > Tolerance)
                yield return ("weights", "Weights are not negative, and 1 (100 %) together.");
        }

        if (design.Ranges is { } ranges)
        {
            if (ranges.Count != design.Variations.Count) yield return ("ranges", "There is one range for each variation.");
            if (ranges.Any(range => range is not { Count: 2 } || !IsRange(range[0], range[1])))
                yield return ("ranges", "A range is [from, to], with 0 <= from <= to <= 1.");
            else if (Overlap([.. ranges.OrderBy(range => range[0]).ThenBy(range => range[1])]))
                yield return ("ranges", "Two ranges overlap.");
        }

        if (design.HashVersion is not (1 or 2)) yield return ("hashVersion", "The hash has the versions 1 and 2.");
        if (design.HashAttribute is not (Subject.Person or Subject.Device)) yield return ("hashAttribute", "It is `id` or `deviceId`.");
        if (design.FallbackAttribute is not (null or Subject.Device) || design.FallbackAttribute == design.HashAttribute)
            yield return ("fallbackAttribute", "Only `deviceId` stands in, for `id`.");
        if (design.Seed is { Length: > NameLengthMax }) yield return ("seed", $"It has at most {NameLengthMax} characters.");
        if (design.BucketVersion is < 0 or > 1_000_000) yield return ("bucketVersion", "It is from 0 to 1,000,000.");
        if (design.BucketVersionMin < 0 || design.BucketVersionMin > design.BucketVersion)
            yield return ("bucketVersionMin", "It is from 0 to the bucket version.");
    }

    private static IEnumerable<(string, string)> Shares(Design design)
    {
        if (design.Namespace is { } space)
        {
            if (space.Name is null || !Word().IsMatch(space.Name)) yield return ("namespace", "Its name is a word in lower case.");
            if (!IsRange(space.From, space.To) || space.From == space.To) yield return ("namespace", "Its part is 0 <= from < to <= 1.");
        }

        if (design.Holdouts.Count > ListMax) yield return ("holdouts", $"There are at most {ListMax}.");
        if (design.Holdouts.Any(one => one?.Name is null || !Word().IsMatch(one.Name) || one.Share is not (> 0 and < 1)))
            yield return ("holdouts", "A holdout has a name in lower case, and a share between 0 and 1.");
    }

    private static IEnumerable<(string, string)> Parents(
        string key, Design design, IReadOnlyDictionary<string, StoredExperiment> others)
    {
        const string field = "prerequisites";
        if (design.Prerequisites.Count > ListMax) yield return (field, $"There are at most {ListMax}.");
        foreach (var parent in design.Prerequisites)
        {
            if (parent?.Experiment is null || others.GetValueOrDefault(parent.Experiment) is not { } other)
            {
                yield return (field, $"There is no experiment {parent?.Experiment}.");
                continue;
            }

            if (parent.Variations is not { Count: > 0 } || parent.Variations.Any(one => other.Design.IndexOf(one) < 0))
                yield return (field, $"{parent.Experiment} has other variations.");
            if (Leads(parent.Experiment, key, others, [])) yield return (field, $"{parent.Experiment} depends on this one.");
        }
    }

    private static bool Leads(string from, string to, IReadOnlyDictionary<string, StoredExperiment> all, HashSet<string> seen) =>
        from == to || (seen.Add(from) && all.TryGetValue(from, out var one)
            && one.Design.Prerequisites.Any(parent => Leads(parent.Experiment, to, all, seen)));

    private static bool Overlap(IReadOnlyList<IReadOnlyList<double>> sorted) =>
        sorted.Zip(sorted.Skip(1)).Any(two => two.First[1] > two.Second[0]);

    private static bool IsRange(double from, double to) => from >= 0 && from <= to && to <= 1;

    [GeneratedRegex(@"\A(?=.{1,64}\z)[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,63}\z")]
    private static partial Regex Word();
}
