using System.Text;
using Kontor.Foundation.Seams;
using Shouldly;
using Xunit;

namespace Kontor.Mail.Tests;

/// <summary>What reaches the mail server, and what becomes of letters that do not.</summary>
public class DeliveryTests(MailApp app) : IClassFixture<MailApp>
{
    [Fact]
    public async Task A_letter_arrives_as_text_and_as_html_from_a_sender_who_has_signed_in()
    {
        app.Server.Mood = Mood.Well;
        await app.Database.Write(tx => app.Letters.Post(
            tx, new("ada@kontor.example", "Ada Grün", "de"),
            T => new()
            {
                Subject = "Ein Gruß an Sie",
                Paragraphs = ["Schöne Grüße.", ".Ein Punkt am Anfang", "."],
                Table = new([new("2 × Zelt", "398,00 €"), new("Summe", "398,00 €", IsTotal: true)]),
                Link = new("Öffnen", "/orders/7"),
            }).AsTask());
        await app.Until("Ein Gruß an Sie", row => row.State == "sent");

        var mail = app.Server.Received.Single(mail => Decoded(mail.Header("Subject")) == "Ein Gruß an Sie");
        mail.Recipients.ShouldBe(["RCPT TO:<ada@kontor.example>"]);
        mail.Header("From").ShouldContain("<shop@kontor.example>");
        Decoded(mail.Header("To")).ShouldContain("Ada Grün");
        mail.Header("Auto-Submitted").ShouldBe("auto-generated");
        mail.Header("Content-Language").ShouldBe("de");
        mail.Parts.Select(part => part.Type).ShouldBe(["text/plain", "text/html"]);
        var text = mail.Parts[0].Content;
        text.ShouldStartWith("Guten Tag Ada Grün,\n\nSchöne Grüße.\n\n.Ein Punkt am Anfang\n\n.\n\n2 × Zelt  ");
        text.ShouldContain($"Öffnen:\n{app.Address}orders/7\n\n-- \nKontor");
        mail.Parts[1].Content.ShouldContain($"<a href=\"{app.Address}orders/7\"");
        mail.Lines.ShouldAllBe(line => line.Length <= 998);
        app.Server.Said.ShouldContain(Convert.ToBase64String(Encoding.ASCII.GetBytes("p@ss")));
    }

    [Fact]
    public async Task A_letter_leaves_only_if_its_sender_commits()
    {
        app.Server.Mood = Mood.Well;
        await Should.ThrowAsync<InvalidOperationException>(app.Database.Write(async tx =>
        {
            await app.Mailer.Post(tx, new(new("ada@kontor.example", "", "en"), "Never", "text", "<p>html</p>"));
            throw new InvalidOperationException("The sender's own mistake.");
        }));

        await app.Until(await app.Post(), row => row.State == "sent");

        (await app.Find("Never")).ShouldBeNull();
        app.Server.Received.ShouldNotContain(mail => mail.Header("Subject") == "Never");
    }

    [Fact]
    public async Task A_key_is_posted_once()
    {
        app.Server.Mood = Mood.Well;
        var key = $"event-{Guid.NewGuid():N}/welcome";
        var first = await app.Post(key);
        var second = await app.Post(key);

        await app.Until(first, row => row.State == "sent");
        await app.Until(await app.Post(), row => row.State == "sent");

        (await app.Find(second)).ShouldBeNull();
        app.Server.Received.Count(mail => mail.Header("Subject") == first).ShouldBe(1);
    }

    [Theory]
    [InlineData(Mood.DiesInMidLetter, 0)]
    [InlineData(Mood.DiesBeforeItsAnswer, 1)]
    [InlineData(Mood.Silent, 0)]
    [InlineData(Mood.IsFull, 0)]
    [InlineData(Mood.Away, 0)]
    public async Task A_server_that_fails_gets_the_letter_again_when_it_is_well(Mood mood, int alreadyThere)
    {
        app.Server.Mood = mood;
        var subject = await app.Post();
        var failed = await app.Until(subject, row => row.LastError is not null);
        failed.State.ShouldBe("waiting");
        app.Server.Received.Count(mail => mail.Header("Subject") == subject).ShouldBe(alreadyThere);

        app.Server.Mood = Mood.Well;
        app.LetAnHourPass();
        await app.Until(subject, row => row.State == "sent");

        // Whoever got it twice can tell, because it is the same letter.
        var copies = app.Server.Received.Where(mail => mail.Header("Subject") == subject).ToList();
        copies.Count.ShouldBe(alreadyThere + 1);
        copies.Select(mail => mail.Header("Message-ID")).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_restart_loses_no_letter()
    {
        app.Server.Mood = Mood.Away;
        var subject = await app.Post();
        await app.Until(subject, row => row.Attempts > 0);

        await app.Restart();
        app.Server.Mood = Mood.Well;
        app.LetAnHourPass();

        await app.Until(subject, row => row.State == "sent");
    }

    [Fact]
    public async Task A_mailbox_that_does_not_exist_is_not_asked_again()
    {
        app.Server.Mood = Mood.RefusesRecipients;
        var subject = await app.Post();

        var row = await app.Until(subject, row => row.State == "failed");

        row.Attempts.ShouldBe(1);
        row.LastError.ShouldNotBeNull().ShouldContain("no such mailbox here");
    }

    [Fact]
    public async Task A_server_that_is_away_for_two_days_is_given_up()
    {
        app.Server.Mood = Mood.Away;
        var subject = await app.Post();
        await app.Until(subject, row => row.LastError is not null);
        await app.Database.Write(tx => tx.Execute(
            "UPDATE mail_letters SET attempts = 55 WHERE subject = @subject", new { subject }).AsTask());
        app.LetAnHourPass();

        (await app.Until(subject, row => row.State == "failed")).Attempts.ShouldBe(56);
    }

    [Theory]
    [InlineData("ada@kontor.example\r\nBcc: thief@evil.example", "Ada", "Hello")]
    [InlineData("ada@kontor.example, thief@evil.example", "Ada", "Hello")]
    [InlineData("<ada@kontor.example>\r\nRCPT TO:<thief@evil.example>", "Ada", "Hello")]
    [InlineData("not an address", "Ada", "Hello")]
    [InlineData("", "Ada", "Hello")]
    public async Task What_is_no_single_address_is_sent_to_nobody(string address, string name, string subject)
    {
        app.Server.Mood = Mood.Well;
        var sentBefore = app.Server.Received.Count;
        subject = $"{subject} {Guid.NewGuid():N}";
        await app.Database.Write(tx => app.Mailer.Post(tx, new(new(address, name, "en"), subject, "text", "<p>html</p>")).AsTask());

        await app.Until(subject, row => row.State == "failed");

        app.Server.Received.Count.ShouldBe(sentBefore);
        app.Server.Said.ShouldAllBe(line => !line.Contains("evil", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Ada\r\nBcc: thief@evil.example", "Hello")]
    [InlineData("Ada\" <thief@evil.example>, \"", "Hello")]
    [InlineData("Ada", "Hello\r\nBcc: thief@evil.example\r\n\r\nanother body")]
    [InlineData("Ada", "Hello\nBcc: thief@evil.example")]
    [InlineData("Ada\u2028Bcc: thief@evil.example", "Hello\u0085Bcc: thief@evil.example")]
    public async Task No_name_and_no_subject_makes_a_header(string name, string subject)
    {
        app.Server.Mood = Mood.Well;
        var id = $"{Guid.NewGuid():N}";
        await app.Database.Write(tx => app.Mailer.Post(
            tx, new(new($"ada-{id}@kontor.example", name, "en"), subject, "text", "<p>html</p>")).AsTask());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        ReceivedMail? mail;
        while ((mail = app.Server.Received.FirstOrDefault(mail => mail.Recipients[0].Contains(id, StringComparison.Ordinal))) is null)
            await Task.Delay(20, patience.Token);

        mail.Recipients.ShouldBe([$"RCPT TO:<ada-{id}@kontor.example>"]);
        mail.Headers.ShouldNotContain(header => header.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
        mail.Headers.Count(header => header.StartsWith("To:", StringComparison.Ordinal)).ShouldBe(1);
        mail.Parts[0].Content.Trim().ShouldBe("text");
    }

    [Fact]
    public async Task A_slow_server_makes_no_request_wait()
    {
        app.Server.Mood = Mood.Silent;
        var before = app.Server.Connections;
        var subjects = new List<string>();
        for (var i = 0; i < 8; i++) subjects.Add(await app.Post());

        // All of it was posted while the server kept the first of them waiting for a word.
        (app.Server.Connections - before).ShouldBeLessThan(8);

        app.Server.Mood = Mood.Well;
        app.LetAnHourPass();
        foreach (var subject in subjects) await app.Until(subject, row => row.State == "sent");
    }

    [Fact]
    public async Task A_secret_letter_is_forgotten_where_it_left()
    {
        app.Server.Mood = Mood.Well;
        var row = await app.Until(await app.Post(isSecret: true), row => row.State == "sent");

        row.Text.ShouldBeEmpty();
        row.Html.ShouldBeEmpty();
        app.Server.Received.ShouldContain(mail => mail.Parts[0].Content.Contains("the-secret", StringComparison.Ordinal));
    }

    private static string Decoded(string header) => System.Text.RegularExpressions.Regex.Replace(
        header.Replace("?= =?", "?==?", StringComparison.Ordinal), @"=\?utf-8\?B\?(?<text>[^?]*)\?=",
        word => Encoding.UTF8.GetString(Convert.FromBase64String(word.Groups["text"].Value)));
}
