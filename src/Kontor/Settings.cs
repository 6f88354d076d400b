using System.Globalization;
using System.Net;
using IPNetwork = System.Net.IPNetwork;

namespace Kontor;

/// <summary>What the command line and the environment say; everything has a default, and the command line wins.</summary>
public sealed record Settings
{
    /// <summary>`--port` or `PORT`; 0 takes any free port.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>`KONTOR_LISTEN`: the address of this machine at which it can be reached; `0.0.0.0` and `::` are all of them.</summary>
    public IPAddress Listen { get; init; } = IPAddress.Loopback;

    /// <summary>`KONTOR_PROXIES`: who is believed when they say for whom they ask; nobody by default.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>`KONTOR_DATA`: the folder of the database, uploads and keys.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>`KONTOR_DATABASE`: a `postgres://` URL; null is SQLite, in the data folder.</summary>
    public Uri? Postgres { get; init; }

    /// <summary>`KONTOR_LIMITS=off`: no rate limits, no caps on held pieces.</summary>
    public bool LimitsOff { get; init; }

    /// <summary>`KONTOR_URL`: where people reach this server, for links in letters; null is where it listens.</summary>
    public Uri? Url { get; init; }

    /// <summary>`KONTOR_SMTP`: the mail server, with its password; null keeps letters in the database.</summary>
    public string? Smtp { get; init; }

    /// <summary>`KONTOR_MAIL_FROM`: whom letters come from; null is `no-reply` at the host of <see cref="Url"/>.</summary>
    public string? MailFrom { get; init; }

    /// <summary>`KONTOR_VERIFY_EMAIL=required`: an account begins when its address is confirmed.</summary>
    public bool VerifyEmail { get; init; }

    /// <summary>Null while the port is any free one.</summary>
    public Uri? Origin => Url ?? (Port == 0 ? null : LocalAddress(Port));

    /// <summary>Not with `--no-demo`.</summary>
    public bool Demo { get; init; } = true;

    /// <summary>The words before the options, for instance `admin create ada@kontor.example`; none to serve.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>What a browser on this machine opens.</summary>
    public Uri LocalAddress(int port)
    {
        var isAll = Listen.Equals(IPAddress.Any) || Listen.Equals(IPAddress.IPv6Any);
        return new($"http://{new IPEndPoint(isAll ? IPAddress.Loopback : Listen, port)}");
    }

    /// <exception cref="ArgumentException">With a message for the person at the terminal.</exception>
    public static Settings Read(string[] args, Func<string, string?> environment)
    {
        var settings = new Settings
        {
            Port = PortOf(environment("PORT") is { Length: > 0 } port ? port : "5080"),
            Listen = ListenOf(environment("KONTOR_LISTEN")),
            Proxies = Kontor.Proxies.Read(environment("KONTOR_PROXIES")),
            DataFolder = Path.GetFullPath(environment("KONTOR_DATA") is { Length: > 0 } folder ? folder : "data"),
            Postgres = DatabaseOf(environment("KONTOR_DATABASE")),
            LimitsOff = LimitsOffOf(environment("KONTOR_LIMITS")),
            VerifyEmail = VerifyEmailOf(environment("KONTOR_VERIFY_EMAIL")),
            Url = UrlOf(environment("KONTOR_URL")),
            Smtp = environment("KONTOR_SMTP") is { Length: > 0 } smtp ? smtp : null,
            MailFrom = environment("KONTOR_MAIL_FROM") is { Length: > 0 } from ? from : null,
        };
        var words = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--port" when i + 1 < args.Length:
                    settings = settings with { Port = PortOf(args[++i]) };
                    break;
                case "--no-demo":
                    settings = settings with { Demo = false };
                    break;
                case var option when option.StartsWith("--", StringComparison.Ordinal) && words.Count == 0:
                    throw new ArgumentException($"There is no option {option}. There are --port NUMBER and --no-demo.");
                default:
                    words.Add(args[i]);
                    break;
            }
        }

        return settings with { Words = words };
    }

    private static int PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535
            ? port
            : throw new ArgumentException($"A port is a number up to 65535, not '{text}'.");

    private static IPAddress ListenOf(string? text) => text switch
    {
        null or "" => IPAddress.Loopback,
        _ => Kontor.Proxies.Address(text)
            ?? throw new ArgumentException($"KONTOR_LISTEN is an address like 127.0.0.1, or 0.0.0.0 or :: for all, not '{text}'."),
    };

    private static bool LimitsOffOf(string? text) => text switch
    {
        null or "" or "on" => false,
        "off" => true,
        _ => throw new ArgumentException($"KONTOR_LIMITS is 'on' or 'off', not '{text}'."),
    };

    private static bool VerifyEmailOf(string? text) => text switch
    {
        null or "" or "optional" => false,
        "required" => true,
        _ => throw new ArgumentException($"KONTOR_VERIFY_EMAIL is 'required' or 'optional', not '{text}'."),
    };

    private static Uri? UrlOf(string? text) => text switch
    {
        null or "" => null,
        _ when Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "" } => url,
        _ => throw new ArgumentException("KONTOR_URL is an address without a path, like https://shop.example.com."),
    };

    private static Uri? DatabaseOf(string? text) => text switch
    {
        null or "" or "sqlite" => null,
        _ when Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("postgres" or "postgresql") => url,
        _ => throw new ArgumentException("KONTOR_DATABASE is 'sqlite' or a URL like postgres://user:password@host:5432/name."),
    };
}
