using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>How experiments are written, agreed to, started, stopped and put away.</summary>
public class TrialAdminTests(TrialAdminTests.CarefulApp app) : IClassFixture<TrialAdminTests.CarefulApp>
{
    private const string Experiments = "/api/admin/experiments";

    public sealed class CarefulApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:FourEyes:0"] = "lending";
            builder.Configuration["Home:Goals:0:Event"] = "test.bought";
            builder.Configuration["Home:Goals:0:UserField"] = "buyer";
        }
    }

    private sealed record Bought(string? Buyer) : IEvent
    {
        public static string Name => "test.bought";
    }

    [Fact]
    public async Task It_goes_from_draft_to_running_to_stopped_to_archived_and_never_back()
    {
        var widgets = await app.GivenReady("life");
        (await app.Experiment("life"))["state"]!.GetValue<string>().ShouldBe("draft");
        (await Code(await Post("life", "stop"))).ShouldBe("experiment-state");

        (await app.Run("life", "start"))["startedAt"].ShouldNotBeNull();
        (await app.Run("life", "start"))["version"]!.GetValue<long>().ShouldBe(2);
        (await Code(await app.Admin.DeleteAsync($"{Experiments}/life"))).ShouldBe("experiment-state");
        (await Code(await Post("life", "stop", new { decision = "none" }))).ShouldBe("variation-unknown");
        var stopped = await app.Run("life", "stop", new { decision = "bold" });
        stopped["state"]!.GetValue<string>().ShouldBe("stopped");
        stopped["decision"]!.GetValue<string>().ShouldBe("bold");
        (await Code(await Post("life", "start"))).ShouldBe("experiment-state");
        (await Code(await app.Admin.Change("life", new { name = "Another" }))).ShouldBe("experiment-state");

        foreach (var id in widgets.Values)
            (await app.Admin.DeleteAsync($"/api/admin/widgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.DeleteAsync($"{Experiments}/life")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Experiment("life"))["state"]!.GetValue<string>().ShouldBe("archived");
        (await Code(await app.Admin.PostAsJsonAsync(Experiments, Trials.Trial("life")))).ShouldBe("experiment-key-taken");
    }

    [Fact]
    public async Task What_would_move_people_is_fixed_while_it_runs_unless_everybody_is_drawn_anew()
    {
        await app.GivenReady("fixed", with => with["coverage"] = 0.5);
        await app.Run("fixed", "start");

        foreach (var (field, change) in new (string, object)[]
        {
            ("weights", new { weights = new[] { 0.9, 0.1 } }),
            ("hashVersion", new { hashVersion = 1 }),
            ("hashAttribute", new { hashAttribute = "deviceId" }),
            ("seed", new { seed = "another" }),
            ("coverage", new { coverage = 0.4 }),
            ("namespace", new { @namespace = new { name = "page", from = 0, to = 0.5 } }),
            ("holdouts", new { holdouts = new[] { new { name = "nobody", share = 0.1 } } }),
            ("ranges", new { ranges = new[] { new[] { 0, 0.1 }, [0.1, 1] } }),
            ("goal", new { goal = "test.bought" }),
            ("variations", new { variations = new[] { new { key = "bold", name = "B" }, new { key = "control", name = "C" } } }),
        })
        {
            var refused = await app.Admin.Change("fixed", change);
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict, field);
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
            problem.GetProperty("code").GetString().ShouldBe("experiment-fixed");
            problem.GetProperty("fields").EnumerateArray().Select(one => one.GetString()).ShouldContain(field);
        }

        await Trials.Ok(await app.Admin.Change("fixed", new { name = "Another name", coverage = 0.6, hypothesis = "It helps." }));
        var anew = await Trials.Ok(await app.Admin.Change("fixed", new { weights = new[] { 0.9, 0.1 }, bucketVersion = 1 }));
        anew["weights"]!.ToJsonString().ShouldBe("[0.9,0.1]");
        (await Code(await app.Admin.Change("fixed", new { bucketVersion = 0 }))).ShouldBe("experiment-fixed");
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_named_at_once()
    {
        var request = Trials.Trial("wrong");
        request["name"] = "";
        request["weights"] = new JsonArray(0.5, 0.2);
        request["coverage"] = 2;
        request["condition"] = new JsonObject { ["moon"] = "full", ["platform"] = "watch" };
        request["prerequisites"] = new JsonArray(new JsonObject { ["experiment"] = "nowhere", ["variations"] = new JsonArray("a") });
        request["namespace"] = new JsonObject { ["name"] = "page", ["from"] = 0.5, ["to"] = 0.2 };
        request["holdouts"] = new JsonArray(new JsonObject { ["name"] = "x", ["share"] = 1 });
        request["goal"] = "never";
        request["hashAttribute"] = "shoe";
        request["variations"]![1]!["key"] = "control";
        request["ranges"] = new JsonArray(new JsonArray(0, 0.6), new JsonArray(0.5, 1));

        var refused = await app.Admin.PostAsJsonAsync(Experiments, request);

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
        problem["code"]!.GetValue<string>().ShouldBe("experiment-invalid");
        var errors = problem["errors"]!.AsObject();
        errors.Select(one => one.Key).ShouldBe(
            [
                "name", "weights", "coverage", "condition", "prerequisites", "namespace", "holdouts", "goal", "hashAttribute",
                "variations", "ranges",
            ], ignoreOrder: true);
        errors["condition"]!.AsArray().Count.ShouldBe(2);
        (await Code(await app.Admin.GetAsync($"{Experiments}/wrong"))).ShouldBe("not-found");
    }

    [Theory]
    [InlineData("""{"name": "No key"}""")]
    [InlineData("""{"key": "Not Kebab", "name": "x"}""")]
    [InlineData("""{"key": "odd", "name": "x", "variations": [null, null]}""")]
    [InlineData("""{"key": "odd", "name": "x", "variations": [{"key": null, "name": null}, {"key": "b", "name": "B"}]}""")]
    [InlineData("""{"key": "odd", "name": "x", "ranges": [null, [1]]}""")]
    [InlineData("""{"key": "odd", "name": "x", "weights": ["a"]}""")]
    [InlineData("""{"key": "odd", "name": "x", "prerequisites": [null]}""")]
    [InlineData("""{"key": "odd", "name": "x", "holdouts": [null]}""")]
    [InlineData("""{"key": "odd", "name": "x", "condition": []}""")]
    [InlineData("""{"key": "odd", "name": "x", "schedule": {"startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}}""")]
    [InlineData("""{"key": "odd", "name": "x", "prerequisites": [{"experiment": "odd", "variations": ["control"]}]}""")]
    [InlineData("""{"key": "odd", "name": "x", "bucketVersionMin": 3}""")]
    public async Task Nonsense_is_refused(string json)
    {
        var refused = await app.Admin.PostAsync(Experiments, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        ((int)refused.StatusCode).ShouldBeInRange(400, 422, await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Experiments_do_not_depend_on_each_other_in_a_circle()
    {
        await app.GivenDraft("one");
        await app.GivenDraft("two", with => with["prerequisites"] = On("one"));
        await app.GivenDraft("three", with => with["prerequisites"] = On("two"));

        var refused = await app.Admin.Change("one", new { prerequisites = On("three") });

        (await refused.Content.ReadAsStringAsync()).ShouldContain("depends on this one");

        static JsonArray On(string key) => [new JsonObject { ["experiment"] = key, ["variations"] = new JsonArray("bold") }];
    }

    [Fact]
    public async Task Each_change_leaves_a_revision_and_can_be_taken_back()
    {
        await app.GivenDraft("revised");
        await Trials.Ok(await app.As("kim", "admin").Change("revised", new { coverage = 0.2, version = 1 }));
        (await Code(await app.Admin.Change("revised", new { coverage = 0.3, version = 1 }))).ShouldBe("experiment-changed");
        (await Code(await app.Admin.Change("revised", new { version = 2 }))).ShouldBe("nothing-to-change");

        var revisions = (await app.Admin.GetFromJsonAsync<JsonElement>($"{Experiments}/revised/revisions")).GetProperty("revisions");
        revisions.GetArrayLength().ShouldBe(2);
        revisions[0].GetProperty("userId").GetString().ShouldBe("kim");
        revisions[0].GetProperty("changes")[0].GetProperty("field").GetString().ShouldBe("coverage");

        var back = await app.Run("revised", "rollback", new { version = 1 });
        back["coverage"]!.GetValue<double>().ShouldBe(1);
        (await Code(await Post("revised", "rollback", new { version = 99 }))).ShouldBe("not-found");
        (await Code(await app.Admin.GetAsync($"{Experiments}/nowhere/revisions"))).ShouldBe("not-found");
    }

    [Fact]
    public async Task Of_a_careful_team_nothing_runs_that_one_alone_wishes_and_one_is_enough_to_stop_it()
    {
        await app.GivenReady("careful", with => with["team"] = "lending");
        var wished = await Trials.Ok(await Post("careful", "start"), HttpStatusCode.Accepted);
        wished["state"]!.GetValue<string>().ShouldBe("draft");
        wished["proposal"]!["userId"]!.GetValue<string>().ShouldBe("admin");
        (await Code(await Post("careful", "approve"))).ShouldBe("second-person-needed");

        var second = app.As("kim", "admin");
        (await Trials.Ok(await second.Agree($"{Experiments}/careful", "approve")))["state"]!.GetValue<string>().ShouldBe("running");
        (await Code(await second.PostAsync($"{Experiments}/careful/approve", null))).ShouldBe("nothing-waits");

        await Trials.Ok(await app.Admin.Change("careful", new { team = "home", name = "Given away" }), HttpStatusCode.Accepted);
        await Trials.Ok(await Post("careful", "stop", new { decision = "bold" }), HttpStatusCode.Accepted);
        (await app.Experiment("careful"))["state"]!.GetValue<string>().ShouldBe("running");
        (await Trials.Ok(await Post("careful", "stop")))["state"]!.GetValue<string>().ShouldBe("stopped");
    }

    [Fact]
    public async Task An_experiment_that_widgets_name_stays_and_a_widget_names_only_what_there_is()
    {
        await app.GivenTrial("named");
        await app.Run("named", "stop");
        var refused = await app.Admin.DeleteAsync($"{Experiments}/named");
        var problem = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
        problem["code"]!.GetValue<string>().ShouldBe("experiment-in-use");
        problem["widgets"]!.AsArray().Select(one => (string)one!).ShouldBe(["named-bold", "named-control"], ignoreOrder: true);

        foreach (var (key, variations) in new[] { ("nowhere", new[] { "bold" }), ("named", ["bolder"]), ("named", []) })
        {
            var text = HomeApp.Text("unnamed");
            text["experiment"] = JsonSerializer.SerializeToNode(new { key, variations });
            (await Code(await app.Admin.PostAsJsonAsync("/api/admin/widgets", text))).ShouldBe("widget-experiment-invalid");
        }

        var widget = await app.GivenText("leaves", text => text["experiment"] = JsonSerializer.SerializeToNode(
            new { key = "named", variations = new[] { "bold" } }));
        (await app.Anonymous.Keys()).ShouldNotContain("leaves");
        (await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { experiment = new { } })).EnsureSuccessStatusCode();
        (await app.Anonymous.Keys()).ShouldContain("leaves");
    }

    [Fact]
    public async Task An_event_that_a_product_tells_can_be_the_goal()
    {
        var widgets = await app.GivenTrial("goal", with => with["goal"] = "test.bought");
        await app.Look(app.As("buyer", "customer"), widgets, "goal");
        await app.Look(app.As("looker", "customer"), widgets, "goal");
        var outbox = app.Services.GetRequiredService<Outbox>();

        Bought[] bought = [new("buyer"), new("buyer"), new(null), new("stranger")];
        await app.Database.Write(tx => outbox.AddEach(tx, bought).AsTask());

        await Feeds.Eventually(async () => await Reached() == 1);
        (await Reached()).ShouldBe(1);

        async Task<long> Reached() => (await app.Admin.GetFromJsonAsync<JsonElement>($"{Experiments}/goal/results"))
            .GetProperty("variations").EnumerateArray().Sum(one => one.GetProperty("goal").GetProperty("units").GetInt64());
    }

    [Fact]
    public async Task A_goal_that_was_reached_before_the_stop_counts_however_late_it_is_told()
    {
        var widgets = await app.GivenTrial("late-goal", with => with["goal"] = "test.bought");
        foreach (var person in new[] { "early", "slow" }) await app.Look(app.As($"goal-{person}", "customer"), widgets, "late-goal");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var before = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.Run("late-goal", "stop");
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        var handler = app.Services.GetServices<IEventHandler>().Single(one => one.Event == "test.bought");
        await handler.Handle(new("1", "test.bought", "{\"buyer\": \"goal-early\"}", before), default);
        await handler.Handle(new("2", "test.bought", "{\"buyer\": \"goal-slow\"}", before + 120_000), default);

        (await app.Database.Read(tx => tx.Query<string>(
            "SELECT unit FROM home_assignments WHERE experiment = 'late-goal' AND goal_at IS NOT NULL LIMIT 9").AsTask()))
            .ShouldBe(["goal-early"]);
    }

    [Fact]
    public async Task A_person_gets_what_they_saw_and_it_goes_with_them()
    {
        var widgets = await app.GivenTrial("personal");
        var seen = await app.Look(app.As("leaver", "customer"), widgets, "personal", "click");
        var data = app.Services.GetServices<IPersonalData>().Single(one => one.Name == "home");
        var person = new DataSubject("leaver", null, app.Clock.GetUtcNow().ToUnixTimeMilliseconds());

        var pipe = new Pipe();
        await ExportWriter.Write(person, [data], app.Database, pipe.Writer, CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        var export = await JsonNode.ParseAsync(pipe.Reader.AsStream());
        var experiment = export!["home"]!["experiments"]!.AsArray().ShouldHaveSingleItem()!;
        experiment["experiment"]!.GetValue<string>().ShouldBe("personal");
        experiment["variation"]!.GetValue<string>().ShouldBe(seen);
        experiment["clicks"]!.GetValue<long>().ShouldBe(1);

        await data.Erase(person, default);
        (await app.Rows("personal")).ShouldBeEmpty();
    }

    private async Task<HttpResponseMessage> Post(string key, string step, object? body = null) =>
        await app.Admin.PostAsJsonAsync($"{Experiments}/{key}/{step}", body ?? new { });

    private static Task<string> Code(HttpResponseMessage answer) => answer.Code();
}
