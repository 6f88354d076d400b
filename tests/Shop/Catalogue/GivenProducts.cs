using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Shop.Catalogue;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Shop.Tests.Catalogue;

/// <summary>Products as they stand before a test asks for them.</summary>
internal static class GivenProducts
{
    public static Task<string> GivenProduct(
        this KontorApp app,
        string name,
        long priceMinor = 1000,
        string category = "things",
        long stock = 1,
        long rating = 0,
        string description = "") =>
        app.Database.Write(async tx =>
        {
            var id = await app.Services.GetRequiredService<Products>()
                .Add(tx, new NewProduct(name, description, category, priceMinor, null) { RatingTenths = rating });
            await app.Services.GetRequiredService<Stock>().Open(tx, id, stock, "system");
            return id;
        });

    public static Task ChangePrice(this KontorApp app, string id, long priceMinor) => app.Database.Write(async tx =>
        (await app.Services.GetRequiredService<Products>().Change(tx, id, new(null, null, null, priceMinor, null))).ShouldBeNull());

    public static Task ChangeStock(this KontorApp app, string id, long delta) => app.Database.Write(async tx =>
        (await app.Services.GetRequiredService<Stock>().Change(tx, id, delta, "counted", "system")).Problem.ShouldBeNull());

    public static Task Hold(this KontorApp app, string id, long quantity, TimeSpan time) => app.Database.Write(async tx =>
    {
        var until = app.Clock.GetUtcNow().Add(time).ToUnixTimeMilliseconds();
        (await app.Services.GetRequiredService<Stock>().Hold(tx, Ids.New(), [new(id, quantity)], until, "guest")).Problem.ShouldBeNull();
    });

    public static async Task<JsonNode> Json(this HttpClient client, string address)
    {
        using var response = await client.GetAsync(address);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }

    public static string[] Names(this JsonNode list) => [.. list["products"]!.AsArray().Select(product => (string)product!["name"]!)];
}
