using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Home.Tests.Experiments;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Admins see on the editor's page whose feeds a change would alter, and what is needed where these are many.</summary>
public class EffectPageTests(EffectPageTests.App app) : IClassFixture<EffectPageTests.App>
{
    private const string New = "/admin/widgets/new";

    [Fact]
    public async Task What_is_typed_is_tried_on_many_readers_kept_on_the_page_and_saved_nowhere()
    {
        var (id, address) = await Given("tried-on-many", """{"platform": "ios"}""");
        using var kim = await new FormBrowser(app, "kim;admin").Open(address);

        await kim.Send(address, "simulate", ("rule", """{"platform": "android"}"""), ("titles/en", "Typed only"));

        kim.Status.ShouldBe(HttpStatusCode.OK, kim.Words);
        kim.Words.ShouldContain("of the feeds would be others");
        kim.Words.ShouldContain("On every kind of reader");
        Regex.IsMatch(kim.Words, "Typed only tried-on-many \\+[0-9]+ gain it −[0-9]+ lose it").ShouldBeTrue(kim.Words);
        kim.Words.ShouldContain("This is not saved yet.");
        kim.Value(address, "titles/en").ShouldBe("Typed only");
        var stored = await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets/{id}");
        ((int)stored!["version"]!, (string?)stored["titles"]!["en"]).ShouldBe((2, "Title of tried-on-many"));
        (await app.Anonymous.Keys("?platform=android")).ShouldNotContain("tried-on-many");
    }

    [Fact]
    public async Task A_new_one_is_tried_as_well_also_in_place_of_one_that_has_its_key()
    {
        await Given("tried-twice", """{"platform": "ios"}""");
        using var kim = await new FormBrowser(app, "kim;admin", "de").Open($"{New}?type=text");

        await kim.Send(New, "simulate", ("key", "tried-new"), ("titles/en", "New one"), ("content/paragraphs/0", "Only typed."));
        kim.Status.ShouldBe(HttpStatusCode.OK, kim.Words);
        kim.Words.ShouldContain("der Startseiten wären andere");
        kim.Words.ShouldContain("New one tried-new +");
        await kim.Send(New, "simulate", ("key", "tried-twice"));
        kim.Status.ShouldBe(HttpStatusCode.OK, kim.Words);
        Regex.IsMatch(kim.Words, @"tried-twice \+[0-9]+ bekommen es").ShouldBeTrue(kim.Words);
        (await app.Anonymous.Keys()).ShouldNotContain("tried-new");
    }

    [Fact]
    public async Task What_could_not_be_saved_is_not_tried_and_says_why_at_its_field()
    {
        var (_, address) = await Given("tried-wrong", """{"platform": "ios"}""");
        using var kim = await new FormBrowser(app, "kim;admin").Open(address);

        await kim.Send(address, "simulate", ("priority", "many"));

        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
        kim.Error("priority").ShouldBe("A whole number.");
        kim.Words.ShouldNotContain("of the feeds would be others");
    }

    [Fact]
    public async Task Whoever_reaches_too_many_is_told_what_is_missing_and_somebody_else_sees_what_they_agree_to()
    {
        var (_, address) = await Given("for-too-many", """{"platform": "ios", "language": "fr"}""");
        using var kim = await new FormBrowser(app, "kim;admin").Open(address);

        await kim.Send(address, "simulate", ("rule", "{}"));
        kim.Words.ShouldContain("More than 40\u00a0% of the feeds would be others. Once you publish it, it waits");
        await kim.Send(address, "save");
        kim.Words.ShouldContain("It is kept, but not shown yet: a second person has to agree.");
        kim.Words.ShouldContain("of the feeds; above 40\u00a0% somebody else has to agree.");
        kim.Words.ShouldContain("Give the address of this page to another administrator");
        kim.Words.ShouldNotContain("Agree and show it");
        (await app.Anonymous.Keys()).ShouldNotContain("for-too-many");

        using var lee = await new FormBrowser(app, "lee;admin").Open(address);
        lee.Words.ShouldContain("of the feeds; above 40\u00a0% somebody else has to agree.");
        lee.Words.ShouldContain("+ for-too-many");
        await lee.Send($"{address}/publish", null);
        lee.Words.ShouldContain("Saved.");
        (await app.Anonymous.Keys()).ShouldContain("for-too-many");
    }

    [Fact]
    public async Task An_experiment_and_its_variations_are_chosen_from_those_that_there_are()
    {
        await app.GivenDraft("chosen-one");
        await app.GivenDraft("chosen-two", with => with["variations"]![1]!["key"] = "quiet");
        var (id, address) = await Given("in-a-trial", null);
        using var kim = await new FormBrowser(app, "kim;admin").Open(address);
        kim.Words.ShouldContain("Trial of chosen-one · Draft");
        kim.Words.ShouldNotContain("Shown in these variations");

        await kim.Send(address, "save", ("experiment", "chosen-one"));
        kim.Error("variations").ShouldBe("Choose at least one of its variations.");
        kim.Words.ShouldContain("As it is (the control)");
        await kim.Send(address, "save", ("variations", "bold"));
        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        (await Stored(id)).ShouldBe("""{"key":"chosen-one","variations":["bold"]}""");
        kim.Value(address, "variations").ShouldBe("bold");

        // The variations of one are none of another.
        await kim.Send(address, "save", ("experiment", "chosen-two"));
        kim.Error("variations").ShouldBe("Choose at least one of its variations.");
        await kim.Send(address, "save", ("experiment", ""));
        (await Stored(id)).ShouldBeNull();

        async Task<string?> Stored(string widget) =>
            (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets/{widget}"))!["experiment"]?.ToJsonString();
    }

    [Fact]
    public async Task Who_takes_part_in_an_experiment_is_said_in_rows_and_in_words()
    {
        const string form = "/admin/new-experiment";
        using var kim = await new FormBrowser(app, "kim;admin", "de").Open(form);
        await kim.Send(
            form, null, ("key", "in-rows"), ("name", "In rows"), ("variationKey", null), ("condition-look", "true"),
            ("condition-0-0-attribute", "platform"), ("condition-0-0-operator", "$in"), ("condition-0-0-value", "ios, android"));
        kim.Status.ShouldBe(HttpStatusCode.OK, kim.Words);
        kim.Value(form, "condition")!.ShouldContain("\"$in\"");
        kim.Value(form, "name").ShouldBe("In rows");
        kim.Words.ShouldContain("Was sie bedeutet");

        await kim.Send(form, null, ("condition", """{"shoeSize": 1}"""), ("condition-look", "true"));
        kim.Words.ShouldContain("Ein Merkmal shoeSize gibt es nicht");
        (await app.Admin.GetAsync("/api/admin/experiments/in-rows")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_a_rule_forbids_a_segment_is_shown_in_rows_and_kept_as_it_was_written()
    {
        var segment = new { key = "left-out", title = "Left out", rule = new { platform = "ios" } };
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment))
            .EnsureSuccessStatusCode();
        const string rule = """{"$not":{"$inGroup":"left-out"}}""";
        var (id, address) = await Given("not-for-them", null);
        var changed = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{id}", new { rule = JsonNode.Parse(rule) });
        changed.EnsureSuccessStatusCode();
        using var kim = await new FormBrowser(app, "kim;admin").Open(address);
        kim.Value(address, "rule-0-0-attribute").ShouldBe("$inGroup");
        kim.Value(address, "rule-0-0-operator").ShouldBe("$ne");
        kim.Value(address, "rule-0-0-value").ShouldBe("left-out");

        await kim.Send(address, "save");
        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        (await Stored()).ShouldBe((2, rule));
        await kim.Send(address, "save", ("rule-0-0-operator", "$eq"));
        (await Stored()).ShouldBe((3, """{"$inGroup":"left-out"}"""));

        async Task<(int, string)> Stored()
        {
            var widget = (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets/{id}"))!;
            return ((int)widget["version"]!, widget["rule"]!.ToJsonString());
        }
    }

    private async Task<(string Id, string Address)> Given(string key, string? rule)
    {
        var request = HomeApp.Text(key);
        request["state"] = "draft";
        if (rule is not null) request["rule"] = JsonNode.Parse(rule);
        var made = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        var id = (string)(await made.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        // It is for few, or not shown at all.
        if (rule is not null)
        {
            var shown = await app.As($"of-{key}", "admin").PostAsJsonAsync($"/api/admin/widgets/{id}/publish", new { });
            shown.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        return (id, $"/admin/widgets/{id}");
    }

    public sealed class App : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:SecondPersonShare"] = "0.4";
        }
    }
}
