using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kontor.Mail.Tests;

/// <summary>How a mail server behaves towards whoever connects from now on.</summary>
public enum Mood
{
    /// <summary>Takes every letter.</summary>
    Well,

    /// <summary>Closes the connection before the letter's end.</summary>
    DiesInMidLetter,

    /// <summary>Has the whole letter, and closes the connection instead of saying so.</summary>
    DiesBeforeItsAnswer,

    /// <summary>Takes the connection and says nothing.</summary>
    Silent,

    /// <summary>Knows no such mailbox, for good.</summary>
    RefusesRecipients,

    /// <summary>Has no room at the moment.</summary>
    IsFull,

    /// <summary>Closes every connection at once.</summary>
    Away,
}

/// <summary>A small mail server (RFC 5321), without encryption, on a free port of 127.0.0.1.</summary>
public sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ReceivedMail> _received = [];
    private readonly Task _accepting;
    private int _connections;

    public MailServer()
    {
        _listener.Start();
        _accepting = Accept();
    }

    public Mood Mood { get; set; }

    /// <summary>STARTTLS, with a certificate that nobody vouches for.</summary>
    public bool OffersTls { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Letters that came whole, whether or not their sender heard so.</summary>
    public IReadOnlyList<ReceivedMail> Received => [.. _received];

    /// <summary>Everything that clients said, but for the letters themselves.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task Accept()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Serve(client);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var _ = client;
        Interlocked.Increment(ref _connections);
        try
        {
            if (Mood == Mood.Away) return;
            if (Mood == Mood.Silent) await Task.Delay(Timeout.Infinite, _end.Token);
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
            if (!await Converse(reader, writer)) return;
            using var certificate = NewCertificate();
            await using var encrypted = new SslStream(client.GetStream());
            await encrypted.AuthenticateAsServerAsync(certificate);
            using var secretReader = new StreamReader(encrypted, Encoding.UTF8);
            await using var secretWriter = new StreamWriter(encrypted, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
            await Converse(secretReader, secretWriter);
        }
        catch (Exception exception) when (exception is IOException or AuthenticationException or OperationCanceledException)
        {
            // The client has gone, or the test has ended.
        }
    }

    /// <summary>True when the client wants to go on encrypted.</summary>
    private async Task<bool> Converse(StreamReader reader, StreamWriter writer)
    {
        var recipients = new List<string>();
        await writer.WriteLineAsync("220 test ESMTP");
        while (await reader.ReadLineAsync(_end.Token) is { } line)
        {
            Said.Enqueue(line);
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteAsync("250-test\r\n250-8BITMIME\r\n250-AUTH LOGIN\r\n");
                    await writer.WriteAsync(OffersTls ? "250-STARTTLS\r\n250 SMTPUTF8\r\n" : "250 SMTPUTF8\r\n");
                    break;
                case "STARTTLS" when OffersTls:
                    await writer.WriteLineAsync("220 go on");
                    return true;
                case "AUTH":
                    await writer.WriteLineAsync("334 UGFzc3dvcmQ6");
                    Said.Enqueue(await reader.ReadLineAsync(_end.Token) ?? "");
                    await writer.WriteLineAsync("235 welcome");
                    break;
                case "RCPT" when Mood == Mood.RefusesRecipients:
                    await writer.WriteLineAsync("550 no such mailbox here");
                    break;
                case "RCPT":
                    recipients.Add(line);
                    await writer.WriteLineAsync("250 ok");
                    break;
                case "DATA" when Mood == Mood.IsFull:
                    await writer.WriteLineAsync("452 no room");
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 go on");
                    if (!await TakeLetter(reader, recipients)) return false;
                    await writer.WriteLineAsync("250 taken");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 bye");
                    return false;
                default:
                    await writer.WriteLineAsync("250 ok");
                    break;
            }
        }

        return false;
    }

    private static X509Certificate2 NewCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>False when the server dies over it.</summary>
    private async Task<bool> TakeLetter(StreamReader reader, List<string> recipients)
    {
        var lines = new List<string>();
        while (await reader.ReadLineAsync(_end.Token) is { } line and not ".")
        {
            if (Mood == Mood.DiesInMidLetter && lines.Count == 5) return false;
            lines.Add(line.StartsWith('.') ? line[1..] : line);
        }

        _received.Enqueue(new(recipients, lines));
        return Mood != Mood.DiesBeforeItsAnswer;
    }
}
