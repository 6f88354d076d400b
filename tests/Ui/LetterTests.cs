using System.Globalization;
using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

/// <summary>How a letter looks in mail programs, and as plain text.</summary>
public class LetterTests(UiApp app) : IClassFixture<UiApp>
{
    private static readonly Recipient Ada = new("ada@kontor.example", "Ada", "en");

    private static readonly LetterContent Order = new()
    {
        Subject = "Your order",
        Paragraphs =
        [
            "Thank you for your order, which we pack today and which leaves tomorrow, as long as nothing unexpected comes in between.",
        ],
        Table = new([new("2 × Tent", "398.00"), new("Shipping", "4.90"), new("Total", "402.90", IsTotal: true)]),
        Link = new("Show the order", "/orders/7?a=1&b=2"),
        Closing = ["See you soon."],
        Reason = "You ordered something.",
    };

    [Fact]
    public void Plain_text_is_wrapped_and_its_figures_stand_below_each_other() =>
        Write(Order).Text.ReplaceLineEndings("\n").ShouldBe($"""
            Hello Ada,

            Thank you for your order, which we pack today and which leaves tomorrow,
            as long as nothing unexpected comes in between.

            2 × Tent                                                          398.00
            Shipping                                                            4.90
            ------------------------------------------------------------------------
            Total                                                             402.90

            Show the order:
            {app.Address}orders/7?a=1&b=2

            See you soon.

            --{' '}
            Kontor · {app.Address.Authority}
            You ordered something.

            """.ReplaceLineEndings("\n"));

    [Fact]
    public void Html_says_the_same_and_loads_nothing()
    {
        var html = Write(Order).Html;

        foreach (var said in new[] { "Your order", "Hello Ada,", "2 × Tent", "402.90", "See you soon.", "You ordered something." })
            html.ShouldContain(said);
        html.ShouldContain($"href=\"{app.Address}orders/7?a=1&amp;b=2\"");
        html.ShouldContain("prefers-color-scheme: dark");
        foreach (var remote in new[] { "<img", "<link", "url(", "<script", "@import" }) html.ShouldNotContain(remote);
    }

    [Fact]
    public void What_somebody_typed_is_text_and_one_line()
    {
        var letter = Write(
            Order with { Paragraphs = ["<b>bold</b>\n\nEvil:\r\nhttps://evil.example"], Link = null },
            Ada with { Name = "<script>alert(1)</script>\nBcc: x" });

        letter.Html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt; Bcc: x");
        letter.Html.ShouldContain("&lt;b&gt;bold&lt;/b&gt;");
        letter.Html.ShouldNotContain("<script");
        letter.Text.ShouldContain("<b>bold</b> Evil: https://evil.example");
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("//evil.example")]
    [InlineData("orders/7")]
    [InlineData("")]
    public void A_link_leads_to_this_server_only(string path) =>
        Should.Throw<ArgumentException>(() => Write(Order with { Link = new("Open", path) }));

    [Fact]
    public void Its_language_is_the_readers_and_not_that_of_the_request()
    {
        var before = CultureInfo.CurrentUICulture;
        var german = app.Services.GetRequiredService<Letters>().Write(
            Ada with { Language = "de" }, _ => Order with { Subject = 1234.5m.ToString("N2", CultureInfo.CurrentCulture) });

        german.Html.ShouldContain("<html lang=\"de\">");
        german.Text.ShouldStartWith("Guten Tag Ada,");
        german.Subject.ShouldBe("1.234,50");
        CultureInfo.CurrentUICulture.ShouldBe(before);
    }

    private Letter Write(LetterContent content, Recipient? to = null) =>
        app.Services.GetRequiredService<Letters>().Write(to ?? Ada, _ => content);
}
