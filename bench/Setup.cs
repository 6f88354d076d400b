using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Kontor.Bench;

/// <summary>Prepares, through the API alone, what the measurements need: people, products with deep stock, a phone's tasks.</summary>
internal sealed class Setup(int port) : IDisposable
{
    /// <summary>Of everybody who is made for a measurement.</summary>
    public const string Password = "a long password for measuring";

    /// <summary>Headers that the bare Kestrel adds by itself.</summary>
    private static readonly string[] OwnHeaders = ["Date", "Transfer-Encoding", "Content-Length"];

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
    };

    /// <returns>The access token of somebody new.</returns>
    public async Task<string> Register() => (await NewPerson()).AccessToken;

    /// <returns>Somebody new, by id and access token.</returns>
    public async Task<(string User, string Token)> NewPhone()
    {
        var person = await NewPerson();
        return (person.Id, person.AccessToken);
    }

    /// <returns>The address of somebody new, whose password is <see cref="Password"/>.</returns>
    public async Task<string> NewAccount() => (await NewPerson()).Email;

    public async Task<string> SignInAsAdmin()
    {
        var tokens = await Json("POST", "/auth/login", null, new { email = "admin@kontor.example", password = "kontor-demo-admin" });
        return tokens.GetProperty("accessToken").GetString()!;
    }

    /// <returns>The product's id.</returns>
    public async Task<string> CreateProduct(string admin, string name, long stock)
    {
        var categories = (await Json("GET", "/api/products", null, null)).GetProperty("products")[0].GetProperty("category");
        var product = await Json("POST", "/api/admin/products", admin, new
        {
            name,
            price = 19.99m,
            description = "Made for a measurement, and gone after it.",
            category = categories,
            stock,
        });
        return product.GetProperty("id").GetString()!;
    }

    /// <returns>The id of some product of the demo.</returns>
    public async Task<string> SomeProduct() =>
        (await Json("GET", "/api/products", null, null)).GetProperty("products")[0].GetProperty("id").GetString()!;

    /// <summary>A phone that has made so many tasks pushes them.</summary>
    /// <returns>The timestamp of a pull that has all of them.</returns>
    public async Task<long> PushTasks(string user, int count, int perPush = 1000)
    {
        const string FirstPull = "/sync/pull?last_pulled_at=null&schema_version=1&migration=null";
        var before = (await PullTasks(FirstPull, user)).Timestamp;
        for (var first = 0; first < count; first += perPush) await PushTasks(user, first, Math.Min(perPush, count - first), before);
        var (rows, timestamp, _) = await PullTasks(FirstPull, user);
        return rows == count ? timestamp : throw new BenchException($"{count} tasks were pushed, and {rows} pulled.");
    }

    /// <returns>How many tasks came, and what the next pull needs.</returns>
    public async Task<(int Rows, long Timestamp, bool HasMore)> PullTasks(string target, string user)
    {
        var pulled = await Json("GET", target, user, null);
        return (
            pulled.GetProperty("changes").GetProperty("tasks").GetProperty("updated").GetArrayLength(),
            pulled.GetProperty("timestamp").GetInt64(),
            pulled.TryGetProperty("has_more", out var more) && more.GetBoolean());
    }

    /// <summary>A phone that has pulled up to a timestamp gives its first tasks another title.</summary>
    public Task PushTitle(string user, string title, long lastPulledAt, int tasks = 1) => Json("POST", "/sync/push", user, new
    {
        changes = new { tasks = new { updated = Enumerable.Range(0, tasks).Select(i => new { id = TaskId(i), title }) } },
        lastPulledAt,
    });

    private static string TaskId(int number) => $"task{number:000000000000}";

    private async Task PushTasks(string user, int first, int count, long before)
    {
        var created = Enumerable.Range(first, count).Select(i => new
        {
            id = TaskId(i),
            title = $"Pack for the trip, part {i}",
            description = "Tent, sleeping bag, stove, map.",
            is_completed = i % 3 == 0,
            project_id = "",
            created_at = before,
            updated_at = before,
        });
        await Json("POST", $"/sync/push?last_pulled_at={before}", user, new
        {
            changes = new { tasks = new { created, updated = Array.Empty<string>(), deleted = Array.Empty<string>() } },
            lastPulledAt = before,
        });
    }

    public Task<HttpResponseMessage> Get(string target, string user) => Exchange("GET", target, user, null, null);

    /// <summary>What the API answers; a refusal is a failure.</summary>
    public Task<JsonElement> Send(string method, string target, string user, object? body) => Json(method, target, user, body);

    /// <summary>Asks once, and keeps the answer as it is.</summary>
    public async Task<RecordedAnswer> Record(
        string method, string target, string? user = null, object? body = null, string? cartToken = null)
    {
        using var answer = await Exchange(method, target, user, body, cartToken);
        var headers = answer.Headers.Concat(answer.Content.Headers)
            .Where(header => !OwnHeaders.Contains(header.Key, StringComparer.OrdinalIgnoreCase))
            .Select(header => KeyValuePair.Create(header.Key, string.Join(", ", header.Value)));
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        return new(target, (int)answer.StatusCode, [.. headers], bytes, answer.Headers.TransferEncodingChunked != true);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(string Id, string Email, string AccessToken)> NewPerson()
    {
        var email = $"{Guid.NewGuid():N}@bench.example";
        var tokens = await Json("POST", "/auth/register", null, new { email, password = Password });
        return (tokens.GetProperty("user").GetProperty("id").GetString()!, email, tokens.GetProperty("accessToken").GetString()!);
    }

    private async Task<JsonElement> Json(string method, string target, string? user, object? body)
    {
        using var answer = await Exchange(method, target, user, body, null);
        return answer.Content.Headers.ContentLength == 0 ? default : await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<HttpResponseMessage> Exchange(string method, string target, string? user, object? body, string? cartToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (user is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", user);
        if (cartToken is not null) request.Headers.Add("X-Cart-Token", cartToken);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
        var answer = await _http.SendAsync(request);
        if (answer.IsSuccessStatusCode) return answer;
        var text = await answer.Content.ReadAsStringAsync();
        answer.Dispose();
        throw new BenchException($"{method} {target} answered {(int)answer.StatusCode}: {text}");
    }
}
