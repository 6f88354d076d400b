using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Ui;

/// <summary>A page's handler ends with `Pages.Render&lt;CartPage&gt;(new { Cart = cart })`.</summary>
public static class Pages
{
    /// <param name="parameters">An anonymous object: its properties become the component's parameters.</param>
    public static RazorComponentResult Render<TComponent>(object? parameters = null, int status = 200)
        where TComponent : IComponent => new(typeof(TComponent), parameters ?? new { })
        {
            StatusCode = status,
            ContentType = "text/html; charset=utf-8",
            PreventStreamingRendering = true,
        };
}
