using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Kontor.Mail.Tests;

/// <summary>A letter as it came over the wire: headers, and its two forms.</summary>
public sealed partial class ReceivedMail
{
    public ReceivedMail(IReadOnlyList<string> recipients, IReadOnlyList<string> lines)
    {
        Recipients = recipients;
        Lines = lines;
        Headers = [.. Unfold(lines.TakeWhile(line => line.Length > 0))];
        var boundary = Boundary().Match(string.Join('\n', Headers)).Groups["boundary"].Value;
        var parts = string.Join('\n', lines).Split($"--{boundary}").Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal));
        Parts = [.. parts.Select(Decode)];
    }

    public IReadOnlyList<string> Recipients { get; }

    public IReadOnlyList<string> Lines { get; }

    public IReadOnlyList<string> Headers { get; }

    /// <summary>Decoded, with their types.</summary>
    public IReadOnlyList<(string Type, string Content)> Parts { get; }

    public string Header(string name) =>
        Headers.Single(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))[(name.Length + 1)..].Trim();

    private static IEnumerable<string> Unfold(IEnumerable<string> lines)
    {
        var header = "";
        foreach (var line in lines)
        {
            if (line[0] is ' ' or '\t') header += " " + line.Trim();
            else
            {
                if (header.Length > 0) yield return header;
                header = line;
            }
        }

        if (header.Length > 0) yield return header;
    }

    private static (string Type, string Content) Decode(string part)
    {
        var (head, body) = part.TrimStart('\n').Split("\n\n", 2) is [var first, var second] ? (first, second) : (part, "");
        var type = ContentType().Match(head).Groups["type"].Value;
        var bytes = head.Contains("quoted-printable", StringComparison.OrdinalIgnoreCase)
            ? Unquote(body)
            : throw new FormatException(head);
        return (type, Encoding.UTF8.GetString(bytes).ReplaceLineEndings("\n"));
    }

    private static byte[] Unquote(string text)
    {
        var bytes = new List<byte>();
        text = text.Replace("=\n", "", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length)
            {
                bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else bytes.Add((byte)text[i]);
        }

        return [.. bytes];
    }

    [GeneratedRegex("boundary=\"?(?<boundary>[^\";\n]+)")]
    private static partial Regex Boundary();

    [GeneratedRegex("Content-Type: (?<type>[a-z/]+)", RegexOptions.IgnoreCase)]
    private static partial Regex ContentType();
}
