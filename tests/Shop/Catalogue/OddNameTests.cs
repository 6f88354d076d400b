using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Shop.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

/// <summary>A product may have any name; its address is plain all the same.</summary>
public class OddNameTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Theory]
    [InlineData("\ufffe", "product")]
    [InlineData("\u0301\u0308\u20e3", "product")]
    [InlineData("\u0645\u0635\u0628\u0627\u062d", "product")]
    [InlineData("\u05de\u05e0\u05d5\u05e8\u05d4 7", "7")]
    [InlineData("\u202eLamp\u202c", "lamp")]
    [InlineData("La\u200bmp", "la-mp")]
    [InlineData("z\u0336\u0321a\u0337l\u0338g\u0335o", "zalgo")]
    [InlineData("\ud83d\ude00 Tent \ud83c\udfd5\ufe0f", "tent")]
    [InlineData("\u0130stanbul", "istanbul")]
    public async Task Any_name_is_sold_at_a_plain_address(string name, string slug)
    {
        using var admin = await app.Admin();

        using var answer = await admin.Client.PostAsJsonAsync(
            "/api/admin/products", new { name, price = 1, description = name, category = "hiking", stock = 1 });

        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        var product = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        ((string)product["name"]!).ShouldBe(name);
        Slug.Of(name).ShouldBe(slug);
        using var anybody = app.NewClient();
        (await anybody.GetAsync($"/api/products/{product["id"]}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await anybody.GetAsync($"/products/{slug}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void Half_a_pair_of_surrogates_is_left_out() => Slug.Of($"Tent {(char)0xD83D} 2").ShouldBe("tent-2");

    [Theory]
    [InlineData('a')]
    [InlineData('\u0301')]
    [InlineData('\u0645')]
    [InlineData('\ufffe')]
    public void A_name_of_any_length_has_a_short_address(char letter) => Slug.Of(new string(letter, 100_000)).Length.ShouldBeInRange(1, 60);
}
