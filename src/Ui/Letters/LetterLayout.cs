using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Kontor.Ui;

/// <summary>
/// The one look of every letter. Mail programs know tables and styles within elements; where they know more, the letter is dark in a dark
/// room. Nothing is fetched from anywhere, so nobody learns that it was opened.
/// </summary>
internal sealed class LetterLayout
{
    private const int TextWidth = 72;
    private const string Fonts = "system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public required string Language { get; init; }

    public required string Subject { get; init; }

    public required string Greeting { get; init; }

    public required LetterContent Content { get; init; }

    public required string? LinkUrl { get; init; }

    public required string LinkHint { get; init; }

    public required string Sender { get; init; }

    public required string SenderUrl { get; init; }

    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var paragraph in (IEnumerable<string>)[Greeting, .. Content.Paragraphs]) Wrap(text, OneLine(paragraph)).Append('\n');
        if (Content.Table is { } table) Write(text, table);
        if (LinkUrl is not null) text.Append(OneLine(Content.Link!.Text)).Append(":\n").Append(LinkUrl).Append("\n\n");
        foreach (var paragraph in Content.Closing) Wrap(text, OneLine(paragraph)).Append('\n');
        // Mail programs know by this line where the letter ends and its signature begins.
        text.Append("-- \n").Append(Sender).Append('\n');
        if (Content.Reason is { } reason) Wrap(text, OneLine(reason));
        return text.ToString();
    }

    public string ToHtml()
    {
        var body = string.Concat(((IEnumerable<string>)[Greeting, .. Content.Paragraphs]).Select(Paragraph))
            + (Content.Table is { } table ? Table(table) : "")
            + (LinkUrl is null ? "" : Button(Content.Link!.Text, LinkUrl))
            + string.Concat(Content.Closing.Select(Paragraph));
        var footer = (LinkUrl is null ? "" : Small($"{Html(LinkHint)}<br>{SmallLink(LinkUrl, LinkUrl)}"))
            + (Content.Reason is { } reason ? Small(Html(reason)) : "")
            + Small(SmallLink(SenderUrl, Sender));
        return Document(body, footer);
    }

    private string Document(string body, string footer) => $$"""
        <!DOCTYPE html>
        <html lang="{{Language}}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="supported-color-schemes" content="light dark">
        <title>{{Html(Subject)}}</title>
        <style>
        :root { color-scheme: light dark; }
        @media (max-width: 480px) { .sheet { padding: 24px 20px !important; } }
        @media (prefers-color-scheme: dark) {
        .paper { background: #101718 !important; }
        .sheet { background: #182224 !important; border-color: #2c3a3c !important; }
        .ink { color: #e9ece7 !important; }
        .soft { color: #a5b1ae !important; }
        .brand { color: #7fcfcb !important; }
        .line { border-color: #2c3a3c !important; }
        .button { background: #7fcfcb !important; }
        .button a { color: #07272a !important; }
        }
        </style>
        </head>
        <body class="paper" style="margin:0;padding:0;background:#f7f4ee">
        <table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" style="background:#f7f4ee">
        <tr><td align="center" style="padding:32px 12px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:560px">
        <tr><td class="brand" style="padding:0 4px 16px;font:700 20px/1.3 {{Fonts}};color:#0f4c52;letter-spacing:.01em">Kontor</td></tr>
        <tr><td class="sheet ink" style="padding:32px;background:#ffffff;border:1px solid #ddd6c8;border-radius:12px">
        <h1 class="ink" style="margin:0 0 20px;font:700 22px/1.3 {{Fonts}};color:#1b2628">{{Html(Subject)}}</h1>
        {{body}}</td></tr>
        <tr><td style="padding:20px 4px 0">
        {{footer}}</td></tr>
        </table>
        </td></tr>
        </table>
        </body>
        </html>

        """;

    private static string Paragraph(string text) =>
        $"""<p class="ink" style="margin:0 0 16px;font:400 16px/1.55 {Fonts};color:#1b2628">{Html(text)}</p>""" + "\n";

    private static string Small(string content) =>
        $"""<p class="soft" style="margin:0 0 10px;font:400 13px/1.5 {Fonts};color:#55605f">{content}</p>""" + "\n";

    private static string SmallLink(string url, string text) =>
        $"""<a class="soft" href="{Html(url)}" style="color:#55605f;word-break:break-all">{Html(text)}</a>""";

    private static string Button(string text, string url) => $"""
        <table role="presentation" cellpadding="0" cellspacing="0" style="margin:8px 0 24px">
        <tr><td class="button" style="background:#0f4c52;border-radius:8px">
        <a href="{Html(url)}"
         style="display:inline-block;padding:13px 24px;font:600 16px/1.2 {Fonts};color:#ffffff;text-decoration:none">{Html(text)}</a>
        </td></tr></table>

        """;

    private static string Table(LetterTable table) => $"""
        <table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 24px;border-collapse:collapse">
        {string.Concat(table.Rows.Select(Row))}</table>

        """;

    private static string Row(LetterRow row)
    {
        var style = $"padding:9px 0;border-top:1px solid #ddd6c8;font:{(row.IsTotal ? 700 : 400)} 15px/1.4 {Fonts};color:#1b2628";
        return $"""
            <tr><td class="ink line" style="{style}">{Html(row.Text)}</td>
            <td class="ink line" align="right" style="{style};padding-left:16px;white-space:nowrap">{Html(row.Value)}</td></tr>

            """;
    }

    private static void Write(StringBuilder text, LetterTable table)
    {
        foreach (var row in table.Rows)
        {
            var (left, right) = (OneLine(row.Text), OneLine(row.Value));
            if (row.IsTotal) text.Append('-', TextWidth).Append('\n');
            if (left.Length + right.Length + 2 > TextWidth)
            {
                Wrap(text, left);
                left = "";
            }

            text.Append(left).Append(' ', Math.Max(2, TextWidth - left.Length - right.Length)).Append(right).Append('\n');
        }

        text.Append('\n');
    }

    private static StringBuilder Wrap(StringBuilder text, string paragraph)
    {
        var column = 0;
        foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (column > 0 && column + 1 + word.Length > TextWidth)
            {
                text.Append('\n');
                column = 0;
            }

            if (column > 0) text.Append(' ');
            text.Append(word);
            column += word.Length + (column > 0 ? 1 : 0);
        }

        return text.Append('\n');
    }

    /// <summary>What somebody typed is not to look like the letter's own lines.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static string Html(string text) => Encoder.Encode(OneLine(text));
}
