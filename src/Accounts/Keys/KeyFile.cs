using System.Globalization;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Keys;

/// <summary>
/// A secret as it lies in a file, with lines in front that say when it was made and from when on it is used. A file without them, which
/// somebody put there by hand, is used at once.
/// </summary>
/// <param name="Number">Of the file; the higher is the newer.</param>
/// <param name="MadeAt">Milliseconds since 1970; 0 when the file does not say.</param>
/// <param name="UsedFrom">Milliseconds since 1970; 0 when the file does not say.</param>
/// <param name="Secret">The rest of the text.</param>
internal sealed record KeyFile(int Number, long MadeAt, long UsedFrom, string Secret)
{
    private const string Made = "Made:";
    private const string Used = "Used-From:";

    public bool IsDated => UsedFrom > 0;

    /// <exception cref="FormatException">A line in front has no time.</exception>
    public static KeyFile Parse(int number, string text)
    {
        var (made, used) = (0L, 0L);
        var lines = text.Split('\n').ToList();
        while (lines.Count > 0 && (Take(lines[0], Made, ref made) || Take(lines[0], Used, ref used))) lines.RemoveAt(0);
        return new(number, made, used, string.Join('\n', lines));
    }

    public override string ToString() => IsDated ? $"{Made} {Text(MadeAt)}\n{Used} {Text(UsedFrom)}\n{Secret}" : Secret;

    private static bool Take(string line, string name, ref long time)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal)) return false;
        var text = line.AsSpan(name.Length).Trim();
        time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();
        return true;
    }

    private static string Text(long time) =>
        time.ToTime().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What the secrets of one kind are for, and how their files are called: `signing-0001.pem`.</summary>
internal sealed record KeyKind(string Name, string Extension, Func<string> New)
{
    public static readonly KeyKind Signing = new("signing", "pem", SigningKey.NewPem);
    public static readonly KeyKind Pepper = new("pepper", "key", Keys.Pepper.NewSecret);
}
