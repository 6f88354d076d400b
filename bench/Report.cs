using System.Globalization;
using System.Text;

namespace Kontor.Bench;

/// <summary>What was found, as text that reads well in a terminal and as Markdown; shown as it comes and kept for a file.</summary>
internal sealed class Report(TextWriter output)
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    /// <summary>Something went wrong that the figures must not hide.</summary>
    public bool Failed { get; private set; }

    public void Line(string line = "")
    {
        output.WriteLine(line);
        _text.Append(line).Append('\n');
    }

    public void Failure(string what)
    {
        Failed = true;
        Line($"**Failed:** {what}");
        Line();
    }

    /// <summary>For the person who waits; not part of the report.</summary>
    public static void Progress(string what) => Console.Error.WriteLine($"... {what}");

    /// <summary>The first column is text and to the left, the others are numbers and to the right.</summary>
    public void Table(string[] heads, IEnumerable<string[]> rows, int textColumns = 1)
    {
        var all = rows.ToList();
        var widths = heads.Select((head, i) => all.Select(row => row[i].Length).Append(head.Length).Max()).ToArray();
        Line(Row(heads, widths, textColumns));
        Line($"|{string.Join('|', widths.Select((width, i) => new string('-', width + 1) + (i < textColumns ? '-' : ':')))}|");
        foreach (var row in all) Line(Row(row, widths, textColumns));
        Line();
    }

    public static string Number(double number) => number.ToString(number < 10 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    public static string Ms(TimeSpan time) =>
        time.TotalMilliseconds.ToString(time.TotalMilliseconds < 100 ? "0.00" : "#,0", CultureInfo.InvariantCulture);

    public static string MiB(double bytes) => (bytes / 1048576.0).ToString("0", CultureInfo.InvariantCulture);

    private static string Row(string[] cells, int[] widths, int textColumns) =>
        $"| {string.Join(" | ", cells.Select((cell, i) => i < textColumns ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i])))} |";
}
