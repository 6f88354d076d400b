using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Kontor.Faults.Tests;

/// <summary>What buyers and the shopkeeper do, over HTTP.</summary>
internal static class Shopping
{
    /// <summary>One buyer's order, from the first request to the last; the key lets it be asked for again.</summary>
    public sealed record Attempt(string CartToken, string Key);

    public static async Task<string> SignInAsAdmin(HttpClient client)
    {
        var answer = await client.PostAsJsonAsync("/auth/login", new { email = "admin@kontor.example", password = "kontor-demo-admin" });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    public static async Task<string> NewProduct(HttpClient client, string admin, int stock)
    {
        var product = new { name = $"Thing {Guid.NewGuid():N}", price = 9.99m, description = "A thing.", category = "things", stock };
        using var request = As(admin, HttpMethod.Post, "/api/admin/products", product);
        var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    /// <summary>A guest puts one piece in a cart of their own.</summary>
    public static async Task<Attempt> FillCart(HttpClient client, string productId, CancellationToken ct)
    {
        var answer = await client.PostAsJsonAsync("/api/cart", new { productId, quantity = 1 }, ct);
        answer.EnsureSuccessStatusCode();
        var cart = await answer.Content.ReadFromJsonAsync<JsonElement>(ct);
        return new(cart.GetProperty("cartToken").GetString()!, Guid.NewGuid().ToString());
    }

    /// <summary>The order's id, once the server has said that it is placed.</summary>
    public static async Task<string> PlaceOrder(HttpClient client, Attempt attempt, CancellationToken ct, string method = "invoice")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders");
        request.Headers.Add("X-Cart-Token", attempt.CartToken);
        request.Headers.Add("Idempotency-Key", attempt.Key);
        request.Content = JsonContent.Create(new
        {
            email = "guest@kontor.example",
            shippingAddress = new { name = "A Guest", street = "Road 1", city = "Town", postalCode = "12345", country = "DE" },
            payment = new { method },
        });
        using var answer = await client.SendAsync(request, ct);
        if (answer.StatusCode != HttpStatusCode.Created)
            throw new InvalidOperationException($"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("id").GetString()!;
    }

    /// <param name="status">Only those with this one; null for all.</param>
    public static async Task<HashSet<string>> AllOrders(HttpClient client, string admin, string? status = null)
    {
        var (ids, cursor) = (new HashSet<string>(), (string?)null);
        do
        {
            var query = $"limit=200{(status is null ? "" : $"&status={status}")}{(cursor is null ? "" : $"&cursor={cursor}")}";
            using var request = As(admin, HttpMethod.Get, $"/api/admin/orders?{query}");
            var page = await (await client.SendAsync(request)).Content.ReadFromJsonAsync<JsonElement>();
            foreach (var order in page.GetProperty("orders").EnumerateArray()) ids.Add(order.GetProperty("id").GetString()!);
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return ids;
    }

    /// <summary>Where the order is paid.</summary>
    public static async Task<string> GoToPay(HttpClient client, string orderId, Attempt attempt, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/orders/{orderId}/pay");
        request.Headers.Add("X-Cart-Token", attempt.CartToken);
        using var answer = await client.SendAsync(request, ct);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(ct)).GetProperty("url").GetString()!;
    }

    /// <summary>Compares the provider's list with the shop's; what disagrees, as JSON.</summary>
    public static async Task<string> Reconcile(HttpClient client, string admin)
    {
        using var request = As(admin, HttpMethod.Post, "/api/admin/payments/reconcile");
        using var answer = await client.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("disagreements").ToString();
    }

    /// <summary>The answer of `/health/invariants`, which names what does not add up.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> Invariants(HttpClient client, string admin)
    {
        using var request = As(admin, HttpMethod.Get, "/health/invariants");
        var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static HttpRequestMessage As(string token, HttpMethod method, string path, object? body = null) => new(method, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        Content = body is null ? null : JsonContent.Create(body),
    };
}
