using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

public sealed class OldFallbackTests : IAsyncLifetime
{
    private readonly HomeApp _app = new();

    public async ValueTask InitializeAsync()
    {
        _app.Source.Answer = (_, _, _) => throw new InvalidOperationException("The product has a fault.");
        await _app.InitializeAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task What_stands_in_is_not_shown_as_a_type_that_it_was_not_written_for()
    {
        var list = await _app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets");
        var news = list!["widgets"]!.AsArray().Single(widget => (string)widget!["key"]! == TestSource.News)!;
        await _app.Admin.PatchAsJsonAsync(
            $"/api/admin/widgets/{news["id"]}", new { fallback = new { paragraphs = new[] { "Come back later." } } });
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("Come back later.");

        _app.Source.Widgets = [_app.Source.Widgets[0] with { Type = "hero" }];
        await _app.Restart();

        (await _app.Anonymous.Keys()).ShouldNotContain(TestSource.News);
        _app.Source.Widgets = [_app.Source.Widgets[0] with { Type = "text" }];
        await _app.Restart();
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("Come back later.");
    }
}
