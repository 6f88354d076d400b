using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Home.Rules;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Rules;

public class DialectTests(HomeApp app) : IClassFixture<HomeApp>
{
    private static readonly Dictionary<string, JsonElement> NoGroups = [];

    public static TheoryData<int, string> Conditions => Cases.Of("evalCondition");

    [Theory]
    [MemberData(nameof(Conditions))]
    public void A_condition_answers_as_the_public_case_says(int index, string name)
    {
        var one = Cases.Get("evalCondition", index);
        var groups = one.GetArrayLength() > 4 ? one[4].Deserialize<Dictionary<string, JsonElement>>()! : NoGroups;

        var rule = RuleReader.Read(one[1], groups).Value.ShouldNotBeNull();

        rule.Matches(one[2]).ShouldBe(one[3].GetBoolean(), name);
        rule.Explain(one[2]).Result.ShouldBe(one[3].GetBoolean(), name);
    }

    [Fact]
    public async Task The_endpoint_answers_as_the_public_cases_say()
    {
        using var admin = app.Admin;
        foreach (var one in Cases.Every("evalCondition"))
        {
            var request = new { rule = one[1], attributes = one[2], savedGroups = one.GetArrayLength() > 4 ? one[4] : (JsonElement?)null };
            var answer = await admin.PostAsJsonAsync("/api/admin/rules/evaluate", request);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            body.GetProperty("result").GetBoolean().ShouldBe(one[3].GetBoolean(), one.GetRawText());
        }
    }

    [Fact]
    public async Task A_trace_says_what_every_part_saw()
    {
        using var admin = app.Admin;
        var request = """{"rule": {"country": "DE", "age": {"$gte": 18, "$lt": 30}}, "attributes": {"country": "DE", "age": 44}}""";
        var answer = await admin.PostAsync("/api/admin/rules/evaluate", Json(request));
        var trace = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("trace");

        var age = trace.GetProperty("steps")[1];
        age.GetProperty("name").GetString().ShouldBe("age");
        age.GetProperty("seen").GetInt32().ShouldBe(44);
        age.GetProperty("result").GetBoolean().ShouldBeFalse();
        var parts = age.GetProperty("steps")[0].GetProperty("steps");
        parts[0].GetProperty("name").GetString().ShouldBe("$gte");
        parts[0].GetProperty("result").GetBoolean().ShouldBeTrue();
        parts[1].GetProperty("expected").GetInt32().ShouldBe(30);
        parts[1].GetProperty("result").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"a": {"$near": 1}}""", "$near")]
    [InlineData("""{"a": {"$regex": "(?=a)b"}}""", "does not compile")]
    [InlineData("""{"a": {"$regex": "(a"}}""", "does not compile")]
    [InlineData("""{"a": {"$in": "b"}}""", "wants a list")]
    [InlineData("""{"$or": {"a": 1}}""", "wants a list")]
    [InlineData("""{"$and": [1]}""", "wants an object")]
    [InlineData("""{"$not": null}""", "wants an object")]
    public async Task What_can_never_match_is_named_and_does_not_match(string rule, string fault)
    {
        using var admin = app.Admin;
        var answer = await admin.PostAsync("/api/admin/rules/evaluate", Json($$"""{"rule": {{rule}}, "attributes": {"a": "b"} }"""));
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        body.GetProperty("faults")[0].GetString()!.ShouldContain(fault);
    }

    [Theory]
    [InlineData("[]", "rule-invalid")]
    [InlineData("null", "rule-invalid")]
    [InlineData("\"a\"", "rule-invalid")]
    public async Task What_is_no_object_is_no_rule(string rule, string code)
    {
        using var admin = app.Admin;
        var answer = await admin.PostAsync("/api/admin/rules/evaluate", Json($$"""{"rule": {{rule}}, "attributes": {} }"""));
        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Code()).ShouldBe(code);
    }

    [Fact]
    public void A_rule_is_bounded_in_depth_parts_and_values()
    {
        Read(Nested(RuleReader.DepthMax - 1)).Problem.ShouldBeNull();
        Read(Nested(RuleReader.DepthMax + 1)).Problem!.Code.ShouldBe("rule-too-large");
        Read(Nested(60)).Problem!.Code.ShouldBe("rule-too-large");

        Read(Wide(RuleReader.NodesMax / 2)).Problem.ShouldBeNull();
        Read(Wide(RuleReader.NodesMax / 2 + 1)).Problem!.Code.ShouldBe("rule-too-large");

        Read(Listed(RuleReader.ValuesMax)).Problem.ShouldBeNull();
        Read(Listed(RuleReader.ValuesMax + 1)).Problem!.Code.ShouldBe("rule-too-large");
    }

    [Fact]
    public void A_rule_knows_the_attributes_that_it_reads()
    {
        var rule = Read(JsonNode.Parse("""
            {"country": "DE", "$or": [{"device.os": "ios"}, {"$not": {"tags": {"$elemMatch": {"inner": 1}}}}]}
            """)!).Value!;

        rule.Attributes.ShouldBe(["country", "device.os", "tags"], ignoreOrder: true);
    }

    [Fact]
    public void Any_rule_answers_for_any_attributes()
    {
        string[] operators = ["$eq", "$ne", "$lt", "$gte", "$in", "$nin", "$ini", "$exists", "$type", "$size", "$elemMatch", "$all",
            "$alli", "$regex", "$regexi", "$veq", "$vlt", "$inGroup", "$notInGroup", "$not", "$near"];
        string[] values = ["null", "true", "0", "-1.5e300", "\"\"", "\"a\"", "\"1.2.3\"", "[]",
            "[1,\"a\",null]", "{}", "{\"a\":1}", "{\"$gt\":1}"];
        foreach (var (name, expected, seen) in from o in operators from e in values from s in values select (o, e, s))
        {
            var rule = Read(JsonNode.Parse($$"""{"a": {"{{name}}": {{expected}} } }""")!).Value!;
            var attributes = JsonElement.Parse($$"""{"a": {{seen}} }""");
            rule.Explain(attributes).Result.ShouldBe(rule.Matches(attributes));
        }
    }

    private static Outcome<Rule> Read(JsonNode rule) => RuleReader.Read(JsonSerializer.SerializeToElement(rule), NoGroups);

    private static JsonObject Nested(int depth) => depth == 0 ? [] : new JsonObject { ["$not"] = Nested(depth - 1) };

    private static JsonObject Wide(int attributes) =>
        new(Enumerable.Range(0, attributes).Select(i => KeyValuePair.Create($"a{i}", (JsonNode?)new JsonObject { ["$gt"] = 1 })));

    private static JsonObject Listed(int values) =>
        new() { ["a"] = new JsonObject { ["$in"] = new JsonArray([.. Enumerable.Range(0, values).Select(i => JsonValue.Create(i))]) } };

    private static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
