using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Kontor.Home.Experiments;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

public class BucketingTests(HomeApp app) : IClassFixture<HomeApp>
{
    private const double Tolerance = 1e-6;

    public static TheoryData<int, string> Hashes => Cases.Of("hash");

    public static TheoryData<int, string> Ranges => Cases.Of("getBucketRange");

    public static TheoryData<int, string> Choices => Cases.Of("chooseVariation");

    public static TheoryData<int, string> Namespaces => Cases.Of("inNamespace");

    public static TheoryData<int, string> Weights => Cases.Of("getEqualWeights");

    [Theory]
    [MemberData(nameof(Hashes))]
    public void A_unit_stands_where_the_public_case_says(int index, string name)
    {
        var one = Cases.Get("hash", index);
        Bucketing.Hash(one[0].GetString()!, one[1].GetString()!, one[2].GetInt64()).ShouldBe(Number(one[3]), name);
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public void Ranges_are_those_of_the_public_case(int index, string name)
    {
        var one = Cases.Get("getBucketRange", index);
        var weights = one[1][2].ValueKind == JsonValueKind.Null ? null : one[1][2].Deserialize<double[]>();

        var ranges = Bucketing.Ranges(one[1][0].GetInt32(), one[1][1].GetDouble(), weights);

        ranges.SelectMany(range => new[] { range.From, range.To })
            .ShouldBe(one[2].EnumerateArray().SelectMany(range => new[] { range[0].GetDouble(), range[1].GetDouble() }), Tolerance, name);
    }

    [Theory]
    [MemberData(nameof(Choices))]
    public void The_variation_is_that_of_the_public_case(int index, string name)
    {
        var one = Cases.Get("chooseVariation", index);
        Bucketing.Choose(one[1].GetDouble(), [.. one[2].EnumerateArray().Select(RangeOf)]).ShouldBe(one[3].GetInt32(), name);
    }

    [Theory]
    [MemberData(nameof(Namespaces))]
    public void A_namespace_holds_whom_the_public_case_says(int index, string name)
    {
        var one = Cases.Get("inNamespace", index);
        Bucketing.IsIn(NamespaceOf(one[2]), one[1].GetString()!).ShouldBe(one[3].GetBoolean(), name);
    }

    [Theory]
    [MemberData(nameof(Weights))]
    public void Equal_weights_are_those_of_the_public_case(int index, string name)
    {
        var one = Cases.Get("getEqualWeights", index);
        Bucketing.EqualWeights(one[0].GetInt32()).ShouldBe(one[1].Deserialize<double[]>()!, Tolerance, name);
    }

    [Fact]
    public async Task The_endpoint_hashes_and_keeps_to_namespaces_as_the_public_cases_say()
    {
        foreach (var one in Cases.Every("hash"))
        {
            var answer = await Assign(new { seed = one[0], unit = one[1], hashVersion = one[2], coverage = 1 });
            Number(answer.GetProperty("hash")).ShouldBe(Number(one[3]));
        }

        foreach (var one in Cases.Every("inNamespace"))
        {
            var answer = await Assign(new
            {
                seed = "any",
                unit = one[1],
                hashVersion = 1,
                coverage = 1,
                weights = new[] { 1d },
                @namespace = new { name = one[2][0], from = one[2][1], to = one[2][2] },
            });
            answer.GetProperty("inExperiment").GetBoolean().ShouldBe(one[3].GetBoolean(), one.GetRawText());
        }
    }

    [Fact]
    public async Task The_endpoint_runs_the_public_cases_that_need_no_more_than_a_hash()
    {
        string[] plain = ["key", "seed", "hashVersion", "variations", "weights", "coverage", "ranges"];
        var ran = 0;
        foreach (var one in Cases.Every("run"))
        {
            if (one[1].At("attributes")?.At("id") is not { ValueKind: JsonValueKind.String } unit) continue;
            if (one[1].EnumerateObject().Count() > 1 || !one[2].EnumerateObject().All(member => plain.Contains(member.Name))) continue;
            if (one[2].GetProperty("variations").GetArrayLength() < 2) continue;
            var answer = await Assign(new
            {
                seed = one[2].At("seed") ?? one[2].GetProperty("key"),
                unit,
                hashVersion = one[2].At("hashVersion")?.GetInt64() ?? 1,
                coverage = one[2].At("coverage")?.GetDouble() ?? 1,
                weights = one[2].At("weights")?.Deserialize<double[]>() ?? Equal(one[2].GetProperty("variations")),
                ranges = one[2].At("ranges"),
            });
            answer.GetProperty("variation").GetInt32().ShouldBe(one[3].GetInt32(), one.GetRawText());
            answer.GetProperty("inExperiment").GetBoolean().ShouldBe(one[4].GetBoolean(), one.GetRawText());
            ran++;
        }

        ran.ShouldBeGreaterThan(22);
    }

    [Theory]
    [InlineData("""{"unit": "1"}""")]
    [InlineData("""{"seed": "a", "unit": null}""")]
    [InlineData("""{"seed": "a", "unit": "1", "ranges": [[0]]}""")]
    [InlineData("""{"seed": "a", "unit": "1", "ranges": [null]}""")]
    [InlineData("""{"seed": "a", "unit": "1", "weights": ["a"]}""")]
    [InlineData("""{"seed": "a", "unit": "1", "hashVersion": 1.5}""")]
    [InlineData("""{"seed": "a", "unit": "1", "namespace": ["a", 0, 1]}""")]
    public async Task A_request_that_makes_no_sense_is_refused(string request)
    {
        using var admin = app.Admin;
        var answer = await admin.PostAsync("/api/admin/experiments/assign", new StringContent(request, Encoding.UTF8, "application/json"));
        ((int)answer.StatusCode).ShouldBe(400);
    }

    private async Task<JsonElement> Assign(object request)
    {
        using var admin = app.Admin;
        var answer = await admin.PostAsJsonAsync("/api/admin/experiments/assign", request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static double[] Equal(JsonElement variations) => Bucketing.EqualWeights(variations.GetArrayLength());

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();

    internal static Span RangeOf(JsonElement pair) => new(pair[0].GetDouble(), pair[1].GetDouble());

    internal static Namespace NamespaceOf(JsonElement three) =>
        new(three[0].GetString()!, new(three[1].GetDouble(), three[2].GetDouble()));
}
