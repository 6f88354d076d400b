using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;

namespace Kontor.Ui;

/// <summary>
/// Writes letters in the recipient's language, as HTML and as plain text, and posts them in the sender's transaction:
/// `await letters.Post(tx, to, T => new() { Subject = T["..."], Paragraphs = [...], Link = new(T["..."], "/orders/7") });`.
/// Without a module that sends mail, nothing happens.
/// </summary>
public sealed class Letters(Texts texts, PublicUrl url, IEnumerable<IMailer> mailers)
{
    private readonly IMailer? _mailer = mailers.FirstOrDefault();

    /// <param name="tx">What the letter tells of is written in it.</param>
    /// <param name="to">Gets the letter.</param>
    /// <param name="write">Runs with the language and the notation of the recipient.</param>
    /// <param name="key">A letter of the same key is posted once; see <see cref="Letter.Key"/>.</param>
    /// <param name="isSecret">The link acts in the recipient's name; see <see cref="Letter.IsSecret"/>.</param>
    /// <returns>False when a letter with this key was posted before, or nobody sends mail.</returns>
    public ValueTask<bool> Post(Tx tx, Recipient to, Func<Texts, LetterContent> write, string? key = null, bool isSecret = false) =>
        _mailer?.Post(tx, Write(to, write) with { Key = key, IsSecret = isSecret }) ?? ValueTask.FromResult(false);

    /// <summary>The letter alone, posted to nobody.</summary>
    public Letter Write(Recipient to, Func<Texts, LetterContent> write)
    {
        var (culture, uiCulture) = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Languages.CultureOf(to.Language);
        try
        {
            var content = write(texts);
            var layout = new LetterLayout
            {
                Language = Texts.Language,
                Subject = content.Subject,
                Greeting = to.Name.Length > 0 ? texts["Hello {0},", to.Name] : texts["Hello,"],
                Content = content,
                LinkUrl = content.Link is { } link ? url.Of(link.Path) : null,
                LinkHint = texts["If the button does not work, open this address:"],
                Sender = $"Kontor · {url.Origin.Authority}",
                SenderUrl = url.Of("/"),
            };
            return new(to, content.Subject, layout.ToText(), layout.ToHtml());
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (culture, uiCulture);
        }
    }
}
