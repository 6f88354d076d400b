namespace Kontor.Bench;

/// <summary>Hand-written lines that are not empty, for each project.</summary>
internal static class LinesOfCode
{
    private static readonly string[] Extensions = [".cs", ".razor", ".css", ".js"];

    /// <returns>Each project's folder, its files and their lines.</returns>
    public static IEnumerable<(string Project, int Files, int Lines)> Count(string root)
    {
        foreach (var folder in (string[])["src", "tests", "bench"])
        {
            foreach (var project in Directory.EnumerateFiles(Path.Combine(root, folder), "*.csproj", SearchOption.AllDirectories).Order())
            {
                var files = Directory.EnumerateFiles(Path.GetDirectoryName(project)!, "*", SearchOption.AllDirectories)
                    .Where(file => Extensions.Contains(Path.GetExtension(file)))
                    .Where(file => !file.Contains("/node_modules/", StringComparison.Ordinal))
                    .ToList();
                var lines = files.Sum(file => File.ReadLines(file).Count(line => !string.IsNullOrWhiteSpace(line)));
                yield return (Path.GetRelativePath(root, Path.GetDirectoryName(project)!), files.Count, lines);
            }
        }
    }
}
