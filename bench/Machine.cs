using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Kontor.Bench;

/// <summary>What the figures were taken on, without which they say nothing.</summary>
internal sealed record Machine(
    string Processor, int Cores, double MemoryGiB, string System, string Kernel, string Runtime, string Sqlite, TimeSpan DiskSync)
{
    public static Machine Describe(string folder) => new(
        Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30),
        Line("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.OSDescription,
        File.Exists("/proc/sys/kernel/osrelease") ? File.ReadAllText("/proc/sys/kernel/osrelease").Trim() : "unknown",
        RuntimeInformation.FrameworkDescription,
        RawSqlite.Version,
        MeasureSync(folder));

    /// <summary>For a file's name: says what kind of machine it is, not which one.</summary>
    public string Slug
    {
        get
        {
            var name = Processor.Split('@')[0].Replace("(R)", "", StringComparison.Ordinal).Replace("(TM)", "", StringComparison.Ordinal);
            var letters = $"{Cores} cores {name}".ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-');
            return string.Join('-', string.Concat(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    public IEnumerable<string[]> Rows =>
    [
        ["processor", $"{Processor}, {Cores} cores"],
        ["memory", string.Create(CultureInfo.InvariantCulture, $"{MemoryGiB:0.0} GiB")],
        ["system", $"{System}, kernel {Kernel}"],
        ["runtime", Runtime],
        ["SQLite", Sqlite],
        ["disk sync of 4 KiB", string.Create(CultureInfo.InvariantCulture, $"{DiskSync.TotalMilliseconds:0.00} ms (median)")],
        ["load average before", Load()],
    ];

    private static string Load() =>
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown";

    private static TimeSpan MeasureSync(string folder)
    {
        using var file = new FileStream(Path.Combine(folder, "sync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        var times = new List<TimeSpan>();
        for (var i = 0; i < 200; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(begun));
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static string? Line(string file, string key) => File.Exists(file)
        ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split([':', '='], 2)[1].Trim()
        : null;
}
