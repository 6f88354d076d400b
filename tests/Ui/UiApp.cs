using Kontor.Foundation;
using Kontor.Shop;
using Kontor.Testing;

namespace Kontor.Ui.Tests;

/// <summary>The server with the sample module, and the shop for its pictures.</summary>
public sealed class UiApp : KontorApp
{
    protected override IReadOnlyList<IModule> Modules => [new ShopModule(), new SampleModule()];

    /// <summary>Asks as a browser does when a person follows a link.</summary>
    public async Task<HttpResponseMessage> Browse(string path, string language = "en", string? user = null)
    {
        using var client = NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html,application/xhtml+xml,*/*;q=0.8");
        request.Headers.AcceptLanguage.ParseAdd(language);
        if (user is not null) request.Headers.Add("X-User", user);
        return await client.SendAsync(request);
    }
}
