using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Web;
using Kontor.Home.Experiments;
using Kontor.Home.Rules;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

public class AssignmentTests
{
    private static readonly Dictionary<string, JsonElement> NoGroups = [];

    public static TheoryData<int, string> Runs => Cases.Of("run");

    public static TheoryData<int, string> Sticky => Cases.Of("stickyBucket");

    [Theory]
    [MemberData(nameof(Runs))]
    public void An_experiment_runs_as_the_public_case_says(int index, string name)
    {
        var one = Cases.Get("run", index);

        var assignment = Assignment.Draw(ExperimentOf(one[2], one[1].At("savedGroups")), SubjectOf(one[1], one[2]));

        one[2].GetProperty("variations")[assignment.Variation].GetInt32().ShouldBe(one[3].GetInt32(), name);
        assignment.InExperiment.ShouldBe(one[4].GetBoolean(), $"{name}: {assignment.Reason}");
        assignment.HashUsed.ShouldBe(one[5].GetBoolean(), name);
    }

    [Theory]
    [MemberData(nameof(Sticky))]
    public void A_bucket_is_kept_as_the_public_case_says(int index, string name)
    {
        var one = Cases.Get("stickyBucket", index);
        var rule = one[1].GetProperty("features").GetProperty("exp1").GetProperty("rules")[0];
        var experiment = ExperimentOf(rule, null);
        var memory = one[2].EnumerateArray().ToDictionary(
            doc => $"{doc.GetProperty("attributeName")}||{doc.GetProperty("attributeValue")}",
            doc => doc.GetProperty("assignments").Deserialize<Dictionary<string, string>>()!);

        var assignment = Assignment.Draw(experiment, new(one[1].GetProperty("attributes"))
        {
            Remembered = (attribute, unit) => memory.GetValueOrDefault($"{attribute}||{unit}"),
        });

        var expected = one[4];
        assignment.InExperiment.ShouldBe(expected.ValueKind == JsonValueKind.Object, $"{name}: {assignment.Reason}");
        if (expected.ValueKind != JsonValueKind.Object) return;
        assignment.Variation.ShouldBe(expected.GetProperty("variationId").GetInt32(), name);
        assignment.WasSticky.ShouldBe(expected.GetProperty("stickyBucketUsed").GetBoolean(), name);
        assignment.Bucket.ShouldBe(expected.GetProperty("bucket").GetDouble(), name);
        assignment.Attribute.ShouldBe(expected.GetProperty("hashAttribute").GetString(), name);
        assignment.Unit.ShouldBe(expected.GetProperty("hashValue").GetString(), name);
    }

    [Fact]
    public void Raising_the_coverage_moves_nobody_who_takes_part()
    {
        var narrow = new Experiment("growing", ["a", "b", "c"]) { Coverage = 0.3 };
        var wide = narrow with { Coverage = 0.8 };
        var (before, after) = (Draw(narrow), Draw(wide));

        before.Count(assignment => assignment.InExperiment).ShouldBeInRange(2500, 3500);
        after.Count(assignment => assignment.InExperiment).ShouldBeInRange(7500, 8500);
        foreach (var (first, second) in before.Zip(after).Where(pair => pair.First.InExperiment))
            second.Variation.ShouldBe(first.Variation);
    }

    [Fact]
    public void Two_experiments_of_one_namespace_never_meet()
    {
        var first = new Experiment("first", ["a", "b"]) { Namespace = new("layout", new(0, 0.5)) };
        var second = new Experiment("second", ["a", "b"]) { Namespace = new("layout", new(0.5, 1)) };

        Draw(first).Zip(Draw(second)).ShouldAllBe(pair => pair.First.InExperiment != pair.Second.InExperiment);
    }

    [Fact]
    public void The_variations_of_two_experiments_do_not_depend_on_each_other()
    {
        var met = Draw(new("one", ["a", "b"])).Zip(Draw(new("two", ["a", "b"])))
            .CountBy(pair => (pair.First.Variation, pair.Second.Variation)).ToList();

        met.Count.ShouldBe(4);
        met.ShouldAllBe(pair => pair.Value > 2300 && pair.Value < 2700);
    }

    private static List<Assignment> Draw(Experiment experiment) =>
        [.. Enumerable.Range(0, 10_000).Select(i =>
            Assignment.Draw(experiment, new(JsonSerializer.SerializeToElement(new JsonObject { ["id"] = $"person-{i}" }))))];

    private static Experiment ExperimentOf(JsonElement json, JsonElement? groups)
    {
        var known = groups?.Deserialize<Dictionary<string, JsonElement>>() ?? NoGroups;
        var variations = json.GetProperty("variations").GetArrayLength();
        return new(json.GetProperty("key").GetString()!, [.. Enumerable.Range(0, variations).Select(i => $"{i}")])
        {
            Seed = json.At("seed")?.GetString(),
            HashAttribute = json.At("hashAttribute")?.GetString() ?? "id",
            FallbackAttribute = json.At("fallbackAttribute")?.GetString(),
            HashVersion = json.At("hashVersion")?.GetInt64() ?? 1,
            Coverage = json.At("coverage")?.GetDouble() ?? 1,
            Weights = json.At("weights")?.Deserialize<double[]>(),
            Ranges = json.At("ranges")?.EnumerateArray().Select(BucketingTests.RangeOf).ToList(),
            Filters = [.. (json.At("filters")?.EnumerateArray() ?? []).Select(FilterOf)],
            Namespace = json.At("namespace") is { } space ? BucketingTests.NamespaceOf(space) : null,
            Condition = json.At("condition") is { } condition ? RuleReader.Read(condition, known).Value : null,
            Prerequisites = [.. (json.At("parentConditions")?.EnumerateArray() ?? []).Select(parent =>
                new Prerequisite(parent.GetProperty("id").GetString()!, RuleReader.Read(parent.GetProperty("condition"), known).Value!))],
            Forced = json.At("force")?.GetInt32(),
            Active = json.At("active")?.GetBoolean() ?? true,
            Sticky = json.At("disableStickyBucketing")?.GetBoolean() != true,
            BucketVersion = json.At("bucketVersion")?.GetInt64() ?? 0,
            BucketVersionMin = json.At("minBucketVersion")?.GetInt64() ?? 0,
        };
    }

    private static Filter FilterOf(JsonElement filter) => new(
        filter.GetProperty("seed").GetString()!, [.. filter.GetProperty("ranges").EnumerateArray().Select(BucketingTests.RangeOf)],
        filter.At("attribute")?.GetString());

    /// <summary>A variation forced by the address of a page is the caller's to read; here it is one forced for the person.</summary>
    private static Subject SubjectOf(JsonElement context, JsonElement experiment)
    {
        var forced = context.At("forcedVariations")?.Deserialize<Dictionary<string, int>>() ?? [];
        var key = experiment.GetProperty("key").GetString()!;
        if (context.At("url") is { } url && HttpUtility.ParseQueryString(new Uri(url.GetString()!).Query)[key] is { } chosen)
            forced[key] = int.Parse(chosen, System.Globalization.CultureInfo.InvariantCulture);
        return new(context.At("attributes") ?? default)
        {
            Forced = forced.ToImmutableDictionary(),
            OnlyForced = context.At("qaMode")?.GetBoolean() == true,
            ValueOf = parent => context.At("features")?.At(parent)?.At("defaultValue"),
        };
    }
}
