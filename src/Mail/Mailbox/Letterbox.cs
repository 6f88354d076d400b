using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Mail.Mailbox;

/// <summary>
/// Every letter of the last 30 days, and the queue of those that the mail server has yet to take: each is written in the transaction of its
/// sender. Owns the table `mail_letters`.
/// </summary>
internal sealed class Letterbox(Database database, IOptions<MailOptions> options, TimeProvider time) : IMailer
{
    /// <summary>Raised when a letter is waiting.</summary>
    public const string Signal = "mail.waiting";

    /// <summary>By then, after pauses that double from 10 s to an hour, two days have passed.</summary>
    public const int AttemptsMax = 56;

    /// <summary>A node that dies gives its letters back after so long; <see cref="Postman"/> gives up sooner.</summary>
    public const long LeaseMs = 5 * Clock.Minute;

    private const long KeepMs = 30 * Clock.Day;
    private const int SubjectMax = 200;
    private const int ErrorMax = 500;

    private const string Columns =
        "id, to_address, to_name, language, subject, text, html, is_secret, state, attempts, last_error, created_at, sent_at";

    public async ValueTask<bool> Post(Tx tx, Letter letter)
    {
        var state = options.Value.Smtp is null ? "kept" : "waiting";
        var now = time.NowMs();
        var added = await tx.Execute("""
            INSERT INTO mail_letters
                (id, key, to_address, to_name, user_id, language, subject, text, html, is_secret, state, attempts, due_at, created_at)
            VALUES (@id, @key, @address, @name, @userId, @language, @subject, @text, @html, @isSecret, @state, 0, @now, @now)
            ON CONFLICT (key) DO NOTHING
            """, new
        {
            id = Ids.New(time),
            key = letter.Key,
            address = letter.To.Address,
            name = OneLine(letter.To.Name, SubjectMax),
            userId = letter.To.UserId,
            language = letter.To.Language,
            subject = OneLine(letter.Subject, SubjectMax),
            text = letter.Text,
            html = letter.Html,
            isSecret = letter.IsSecret,
            state,
            now,
        });
        tx.Signal(Signal);
        return added > 0;
    }

    /// <summary>The newest first, without what they say.</summary>
    /// <param name="before">Only letters older than this id.</param>
    public Task<List<StoredLetter>> List(string before, int limit, CancellationToken ct) => database.Read(
        tx => tx.Query<StoredLetter>("""
            SELECT id, to_address, to_name, language, subject, '' AS text, '' AS html, is_secret, state, attempts, last_error,
                created_at, sent_at
            FROM mail_letters
            WHERE id < @before
            ORDER BY id DESC
            LIMIT @limit
            """, new { before, limit }).AsTask(), ct);

    public Task<StoredLetter?> Find(string id, CancellationToken ct) => database.Read(
        tx => tx.First<StoredLetter>($"SELECT {Columns} FROM mail_letters WHERE id = @id", new { id }).AsTask(), ct);

    /// <summary>Letters that are due, for this node alone until the lease ends.</summary>
    public async Task<List<StoredLetter>> Take(int limit, CancellationToken ct)
    {
        var now = time.NowMs();
        // Looking costs no write when there is nothing to do.
        if (!await database.Read(tx => AnyDue(tx, now), ct)) return [];
        return await database.Write(async tx =>
        {
            var due = await tx.Query<StoredLetter>($"""
                SELECT {Columns} FROM mail_letters
                WHERE state = 'waiting' AND due_at <= @now
                ORDER BY due_at
                LIMIT @limit {tx.Dialect.ForUpdateSkipLocked}
                """, new { now, limit });
            foreach (var letter in due)
            {
                await tx.Execute(
                    "UPDATE mail_letters SET due_at = @lease, attempts = attempts + 1 WHERE id = @id",
                    new { id = letter.Id, lease = now + LeaseMs });
            }

            return due;
        }, ct);
    }

    /// <summary>The mail server has it; what was secret in it is forgotten here.</summary>
    public Task Sent(StoredLetter letter, CancellationToken ct) => database.Write(tx => tx.Execute("""
        UPDATE mail_letters
        SET state = 'sent', sent_at = @now, last_error = NULL, text = @text, html = @html
        WHERE id = @id
        """, new
    {
        id = letter.Id,
        now = time.NowMs(),
        text = letter.IsSecret ? "" : letter.Text,
        html = letter.IsSecret ? "" : letter.Html,
    }).AsTask(), ct);

    /// <summary>Tried again after a pause, or given up.</summary>
    public Task Failed(StoredLetter letter, string error, bool isFinal, CancellationToken ct)
    {
        var attempt = letter.Attempts + 1;
        var pause = Math.Min(10 * Clock.Second << (int)Math.Min(attempt - 1, 20), Clock.Hour);
        return database.Write(tx => tx.Execute("""
            UPDATE mail_letters SET state = @state, due_at = @dueAt, last_error = @error
            WHERE id = @id AND state = 'waiting'
            """, new
        {
            id = letter.Id,
            state = isFinal || attempt >= AttemptsMax ? "failed" : "waiting",
            dueAt = time.NowMs() + pause,
            error = OneLine(error, ErrorMax),
        }).AsTask(), ct);
    }

    /// <summary>One that failed waits again. False when it has not failed.</summary>
    public Task<bool> Retry(string id, CancellationToken ct) => database.Write(async tx =>
    {
        tx.Signal(Signal);
        return await tx.Execute("""
            UPDATE mail_letters SET state = 'waiting', attempts = 0, due_at = @now
            WHERE id = @id AND state = 'failed'
            """, new { id, now = time.NowMs() }) > 0;
    }, ct);

    /// <summary>Whatever became of them.</summary>
    public Task ForgetOld(CancellationToken ct) => database.Write(
        tx => tx.Execute("DELETE FROM mail_letters WHERE created_at < @before", new { before = time.NowMs() - KeepMs }).AsTask(), ct);

    private static async Task<bool> AnyDue(Tx tx, long now) => await tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM mail_letters WHERE state = 'waiting' AND due_at <= @now)", new { now });

    /// <summary>What becomes a header is one line, whoever wrote it.</summary>
    private static string OneLine(string text, int lengthMax)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();
        return line.Length <= lengthMax ? line : string.Concat(line.AsSpan(0, lengthMax - 1).TrimEnd(), "…");
    }
}
