using Microsoft.Playwright;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>What a person at a browser does on every page.</summary>
internal static class Visitor
{
    /// <summary>Sends a form and waits for the page that it leads to; a form that is refused fails with what the page says.</summary>
    public static async Task Submit(this IPage page, ILocator button)
    {
        var loaded = new TaskCompletionSource();
        page.Load += OnLoad;
        var answer = await page.RunAndWaitForResponseAsync(() => button.ClickAsync(), IsForm);
        await loaded.Task.WaitAsync(TimeSpan.FromSeconds(20));
        page.Load -= OnLoad;
        if (answer.Status >= 400) throw new InvalidOperationException($"{answer.Status}: {await page.InnerTextAsync("main")}");
        if (answer.Status >= 300) await page.WaitForURLAsync(url => new Uri(url).PathAndQuery == TargetOf(answer));

        void OnLoad(object? sender, IPage which) => loaded.TrySetResult();
    }

    /// <summary>What the browser complains about: scripts that fail, what is not found, rules of the page that were broken.</summary>
    public static List<string> Listen(this IPage page)
    {
        var complaints = new List<string>();
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error") complaints.Add(message.Text);
        };
        return complaints;
    }

    /// <summary>A script may have asked for something before.</summary>
    private static bool IsForm(IResponse response) => response.Request is { Method: "POST", IsNavigationRequest: true };

    private static string TargetOf(IResponse redirect) => new Uri(new Uri(redirect.Url), redirect.Headers["location"]).PathAndQuery;
}
