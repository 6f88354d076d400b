using Kontor.Mail.Delivery;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Mail.Tests;

/// <summary>A letter and the password of the mail server go encrypted, or not at all.</summary>
public class EncryptionTests(EncryptionTests.EncryptedApp app) : IClassFixture<EncryptionTests.EncryptedApp>
{
    public sealed class EncryptedApp : MailApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Mail:Smtp"] = $"smtp://post:secret@127.0.0.1:{Server.Port}?tls=on";
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_server_that_does_not_encrypt_or_that_nobody_vouches_for_gets_nothing(bool offersTls)
    {
        app.Server.OffersTls = offersTls;
        var subject = await app.Post();

        var row = await app.Until(subject, row => row.LastError is not null);

        row.State.ShouldBe("waiting");
        app.Server.Received.ShouldBeEmpty();
        app.Server.Said.Select(line => line.Split(' ')[0]).Distinct().ShouldBeSubsetOf(["EHLO", "STARTTLS", "QUIT"]);
    }

    [Theory]
    [InlineData("smtp://user:p%40ss%3A@mail.example.com:25", "mail.example.com", 25, true, "user", "p@ss:")]
    [InlineData("smtp://mail.example.com", "mail.example.com", 587, true, null, "")]
    [InlineData("smtp://mail.example.com:25/?tls=off", "mail.example.com", 25, false, null, "")]
    [InlineData("smtp://user:pass@127.0.0.1:1025", "127.0.0.1", 1025, false, "user", "pass")]
    [InlineData("smtp://user:pass@localhost?tls=on", "localhost", 587, true, "user", "pass")]
    [InlineData("smtp://[::1]:25", "[::1]", 25, false, null, "")]
    public void A_mail_server_is_named_by_a_url(string url, string host, int port, bool tls, string? user, string? password)
    {
        var (server, error) = SmtpServer.Parse(url);
        error.ShouldBeNull();
        server.ShouldBe(new SmtpServer(host, port, tls, user, password));
    }

    [Theory]
    [InlineData("mail.example.com")]
    [InlineData("smtps://user:secret@mail.example.com")]
    [InlineData("http://user:secret@mail.example.com")]
    [InlineData("smtp://user:secret@mail.example.com?tls=off")]
    [InlineData("smtp://user:secret@mail.example.com/path")]
    [InlineData("smtp://user:secret@mail.example.com?tls=maybe")]
    [InlineData("smtp://")]
    public void What_names_none_is_refused_without_telling_the_password(string url)
    {
        var (server, error) = SmtpServer.Parse(url);
        server.ShouldBeNull();
        error.ShouldNotBeNull().ShouldNotContain("secret");
    }

    [Fact]
    public void A_password_is_not_printed() =>
        SmtpServer.Parse("smtp://user:secret@mail.example.com").Server!.ToString().ShouldBe("mail.example.com:587");
}
