namespace Kontor.Bench;

/// <summary>What is measured, each prepared on a running server. What cannot be prepared is a failure, never left out.</summary>
internal sealed class Workloads(Setup setup, string data, int connections) : IDisposable
{
    private const int Phones = 10;
    private const int Tasks = 1000;

    /// <summary>More than all measurements together can sell.</summary>
    private const long DeepStock = 100_000_000;

    private List<string>? _deepProducts;

    public IReadOnlyList<(string Name, Func<Task<Workload>> Prepare)> All =>
    [
        ("product list", ProductList),
        ("product detail", ProductDetail),
        ("home feed, signed in", HomeFeed),
        (HomePersons.Name, new HomePersons(setup, Path.Combine(data, "keys"), connections).Prepare),
        ("add to cart", AddToCart),
        ("checkout: add, then order", Checkout),
        ("sync: first pull of 1,000 tasks", FirstPull),
        ("sync: empty pull", EmptyPull),
    ];

    public void Dispose() => setup.Dispose();

    private Task<Workload> ProductList() => Read("product list", "0.80 of bare", "/api/products");

    private async Task<Workload> ProductDetail() =>
        await Read("product detail", "0.80 of bare", $"/api/products/{await setup.SomeProduct()}");

    private async Task<Workload> Read(string name, string goal, string target)
    {
        var request = Requests.Get(target);
        return new(name, goal, [await setup.Record("GET", target)], _ => connection => connection.Exchange(request));
    }

    private async Task<Workload> HomeFeed()
    {
        const string Target = "/api/home";
        var requests = new List<byte[]>();
        RecordedAnswer? answer = null;
        // As many people as callers: the server has to know each of them.
        for (var i = 0; i < connections; i++)
        {
            var user = await setup.Register();
            answer ??= await setup.Record("GET", Target, user);
            requests.Add(Requests.Get(Target, user));
        }

        return new("home feed, signed in", "0.50 of bare", [answer!], i => connection => connection.Exchange(requests[i]));
    }

    private async Task<Workload> AddToCart()
    {
        var products = await DeepProducts();
        var answer = await setup.Record("POST", Guest.CartTarget, body: new { productId = products[0], quantity = 1 });
        return new("add to cart", "8,000/s", [answer], _ => Guest.Adding(products), Writes: true);
    }

    private async Task<Workload> Checkout()
    {
        var product = (await DeepProducts())[0];
        var cart = await setup.Record("POST", Guest.CartTarget, body: new { productId = product, quantity = 1 });
        var token = cart.Headers.First(header => header.Key == "X-Cart-Token").Value;
        var order = await setup.Record("POST", Guest.OrdersTarget, body: Guest.OrderBody, cartToken: token);
        return new("checkout: add, then order", "5,000/s", [cart, order], _ => Guest.Buying(product), Writes: true);
    }

    private Task<Workload> FirstPull() => Pull("sync: first pull of 1,000 tasks", _ => "null");

    private Task<Workload> EmptyPull() =>
        Pull("sync: empty pull", timestamp => timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private async Task<Workload> Pull(string name, Func<long, string> lastPulledAt)
    {
        var requests = new List<byte[]>();
        var answers = new Dictionary<string, RecordedAnswer>();
        for (var i = 0; i < Math.Min(Phones, connections); i++)
        {
            var user = await setup.Register();
            var timestamp = await setup.PushTasks(user, Tasks);
            var target = $"/sync/pull?last_pulled_at={lastPulledAt(timestamp)}&schema_version=1&migration=null";
            answers.TryAdd(target, await setup.Record("GET", target, user));
            requests.Add(Requests.Get(target, user));
        }

        return new(name, "", [.. answers.Values], i => connection => connection.Exchange(requests[i % requests.Count]));
    }

    private async Task<List<string>> DeepProducts()
    {
        if (_deepProducts is { } known) return known;
        var admin = await setup.SignInAsAdmin();
        var products = new List<string>();
        for (var i = 1; i <= 3; i++) products.Add(await setup.CreateProduct(admin, $"Measured piece {i}", DeepStock));
        return _deepProducts = products;
    }
}
