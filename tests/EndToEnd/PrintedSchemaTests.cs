using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests;

/// <summary>The TypeScript that the server prints for apps, compiled by TypeScript and used by the genuine client.</summary>
public class PrintedSchemaTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "watermelon");

    [Fact]
    public async Task An_app_compiles_with_it_and_synchronizes()
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules", "typescript")),
            "The client is not installed: run `npm ci` in tests/EndToEnd/watermelon.");
        using var person = await app.NewPerson();
        await Buy(person);
        // Beside the packages that it imports.
        var file = Path.Combine(Folder, "node_modules", $"printed-{Guid.NewGuid():N}.ts");
        await File.WriteAllTextAsync(file, await Print(), TestContext.Current.CancellationToken);
        try
        {
            var found = await Node(file, person);

            found["problems"]!.AsArray().ShouldBeEmpty(found.ToJsonString());
            found["titles"]!.AsArray().Select(title => (string)title!).ShouldBe(["By the printed model"]);
            var counts = found["counts"]!;
            ((int)counts["products"]!).ShouldBeGreaterThan(0);
            ((int)counts["orders"]!, (int)counts["order_items"]!).ShouldBe((1, 1));
            ((int)counts["home_widgets"]!).ShouldBeGreaterThan(0);
            ((long)found["product"]!["priceMinor"]!).ShouldBeGreaterThan(0);
            found["tables"]!.AsArray().Select(table => (string)table!).ShouldContain("projects");
        }
        finally
        {
            File.Delete(file);
            File.Delete(Path.ChangeExtension(file, ".cjs"));
        }
    }

    /// <summary>Something of everything that only the server writes.</summary>
    private async Task Buy(Person person)
    {
        var list = await person.Client.GetFromJsonAsync<JsonNode>("/api/products?inStock=true");
        var product = (string)list!["products"]![0]!["id"]!;
        await person.Client.PostAsJsonAsync("/api/cart", new { productId = product, quantity = 1 });
        var order = await person.Client.PostAsJsonAsync("/api/orders", new
        {
            shippingAddress = new { name = "Ada", street = "Hauptstr. 1", city = "Berlin", postalCode = "10115", country = "DE" },
            payment = new { method = "invoice" },
        });
        order.IsSuccessStatusCode.ShouldBeTrue(await order.Content.ReadAsStringAsync());
        await app.Delivered();
        // The catalogue comes to the phones' table in the background.
        var deadline = DateTime.UtcNow + TimeSpan.FromSeconds(30);
        while ((await person.Client.GetFromJsonAsync<JsonNode>("/sync/pull"))!["changes"]!["products"]!["updated"]!.AsArray().Count == 0)
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException("The catalogue was not copied for phones.");
            await Task.Delay(50);
        }
    }

    private async Task<string> Print()
    {
        var command = app.Services.GetServices<ICommand>().Single(command => command.Name == "sync schema");
        await using var output = new StringWriter();
        (await command.Run([], output, TestContext.Current.CancellationToken)).ShouldBe(0);
        return output.ToString();
    }

    private async Task<JsonNode> Node(string file, Person person)
    {
        var server = app.Address.ToString().TrimEnd('/');
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["schema.mjs", file, server, person.Tokens.AccessToken])
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, $"{output}{await errors}");
        return JsonNode.Parse(output)!;
    }
}
