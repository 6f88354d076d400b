using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Preview;

/// <summary>Renders the feed in its reader's language, which need not be that of the admin who looks at it.</summary>
internal sealed class PreviewScreens(IServiceProvider services, ILoggerFactory loggers)
{
    public static readonly string[] Names = ["phone", "desktop"];

    /// <summary>The HTML of each screen, by its name.</summary>
    public async Task<IReadOnlyDictionary<string, MarkupString>> Of(
        IReadOnlyList<ShowHome.Item> items, string language, string? draftKey)
    {
        // What is set within this method is forgotten when it returns.
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language == "de" ? "de-DE" : "en-GB");
        var screens = new Dictionary<string, MarkupString>(StringComparer.Ordinal);
        await using var renderer = new HtmlRenderer(services, loggers);
        foreach (var name in Names)
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(PreviewScreen.Items)] = items,
                [nameof(PreviewScreen.Screen)] = name,
                [nameof(PreviewScreen.DraftKey)] = draftKey,
            });
            screens[name] = new(await renderer.Dispatcher.InvokeAsync(
                async () => (await renderer.RenderComponentAsync<PreviewScreen>(parameters)).ToHtmlString()));
        }

        return screens;
    }
}
