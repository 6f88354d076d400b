using Microsoft.Playwright;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>The browser that the system installed, without a window; one for each test class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    // Nothing of the browser's own goes to the network, and it runs as root in a container.
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Whether there is one; else tests are skipped, and say so.</summary>
    public static string? Path => Places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Path is null) return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Path, Args = Arguments });
    }

    /// <summary>A window of somebody who was never here before.</summary>
    public async Task<IPage> NewPage(Uri address, bool javaScript = true, string locale = "en-GB", bool phone = false)
    {
        Assert.SkipWhen(_browser is null, "Chromium is not installed.");
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = address.ToString(),
            JavaScriptEnabled = javaScript,
            Locale = locale,
            ViewportSize = phone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 900 },
        });
        context.SetDefaultTimeout(20_000);
        return await context.NewPageAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
