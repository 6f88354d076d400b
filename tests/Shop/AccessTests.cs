using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>
/// Who may do what: each endpoint of the shop's API is asked by everybody, with an empty body, for something of the customer's. The
/// endpoints are the running server's, so that a new one without its row fails.
/// </summary>
public class AccessTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task Every_endpoint_answers_each_caller_as_the_table_says()
    {
        using var stranger = await app.NewPerson();
        using var admin = await app.Admin();
        using var nobody = app.NewClient();
        var told = new List<string>();
        told.Add("nobody who is signed in | another customer | the customer | an admin");
        foreach (var (method, pattern) in Endpoints())
        {
            using var customer = await app.NewPerson();
            var buyer = new Buyer(customer.Client);
            var order = (await app.GivenOrder(buyer)).Id();
            var product = await app.GivenProduct(stock: 5);
            (await buyer.Add(product, 2)).ShouldBe(HttpStatusCode.OK);
            var path = Fill(pattern, order, product);

            // Those first who must not change anything.
            var refused = new[] { await Ask(nobody, method, path), await Ask(stranger.Client, method, path) };
            if (!path.Contains("/admin/", StringComparison.Ordinal) && pattern.Contains("{id}", StringComparison.Ordinal))
                (await buyer.Send(HttpMethod.Get, $"/api/orders/{order}")).Body.Text("status").ShouldBe("pending", $"{method} {pattern}");
            (await buyer.Cart()).Body["items"]!.AsArray().Count.ShouldBe(1, $"{method} {pattern}");
            string[] all = [.. refused, await Ask(customer.Client, method, path), await Ask(admin.Client, method, path)];
            told.Add($"{method} {pattern}: {string.Join(" | ", all)}");
        }

        var table = string.Join('\n', told) + "\n";
        if (Environment.GetEnvironmentVariable("KONTOR_UPDATE_SNAPSHOTS") is not null) await File.WriteAllTextAsync(Source, table);
        table.ShouldBe(await File.ReadAllTextAsync(Source), "If the change is meant, store it: KONTOR_UPDATE_SNAPSHOTS=1.");
    }

    [Fact]
    public void What_is_an_admins_alone_says_so_wherever_it_is()
    {
        var open = All().Where(endpoint => IsAdmins(PatternOf(endpoint)))
            .Where(endpoint => !endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy == Policies.Admin))
            .Select(PatternOf);
        open.ShouldBeEmpty();
    }

    /// <summary>Without it another site could send them in a visitor's name.</summary>
    [Fact]
    public void Every_form_of_the_shop_wants_the_token_of_its_page()
    {
        var forms = All().Where(endpoint => MethodsOf(endpoint).Contains("POST") && !IsApi(PatternOf(endpoint))).ToList();

        forms.Count.ShouldBeGreaterThan(15);
        forms.Where(endpoint => endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is not { RequiresValidation: true })
            .Select(PatternOf).ShouldBeEmpty();
    }

    private static string Source => Path.Combine(Repository.Root, "tests/Shop/Access.txt");

    private static bool IsAdmins(string pattern) =>
        pattern.StartsWith("/api/admin/", StringComparison.Ordinal) || $"{pattern}/".StartsWith("/admin/", StringComparison.Ordinal);

    /// <summary>The shop's own, or the simulated provider's.</summary>
    private static bool IsApi(string pattern) =>
        pattern.StartsWith("/api/", StringComparison.Ordinal) || pattern.StartsWith("/simulator/v1/", StringComparison.Ordinal);

    private IEnumerable<RouteEndpoint> All() => app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>()?.DeclaringType?.Assembly == typeof(ShopModule).Assembly);

    private IEnumerable<(string Method, string Pattern)> Endpoints() => All()
        .Where(endpoint => PatternOf(endpoint).StartsWith("/api/", StringComparison.Ordinal))
        .SelectMany(endpoint => MethodsOf(endpoint).Select(method => (Method: method, Pattern: PatternOf(endpoint))))
        .Where(one => one.Method != "HEAD")
        .OrderBy(one => one.Pattern, StringComparer.Ordinal).ThenBy(one => one.Method, StringComparer.Ordinal);

    private static string PatternOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.Trim('/');

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];

    private static string Fill(string pattern, string order, string product)
    {
        var id = pattern.Contains("/orders/", StringComparison.Ordinal) ? order : product;
        return pattern.Replace("{id}", id).Replace("{productId}", product).Replace("{provider}", "simulator").Replace("{code}", "NOPE");
    }

    private static async Task<string> Ask(HttpClient client, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method is "POST" or "PUT" or "PATCH") request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.IsSuccessStatusCode) return $"{(int)answer.StatusCode}";
        return $"{(int)answer.StatusCode} {(string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())?["code"]}";
    }
}
