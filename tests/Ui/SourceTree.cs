namespace Kontor.Ui.Tests;

/// <summary>The repository that these tests were built from, for rules about its files.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static IEnumerable<string> Projects => Directory.EnumerateDirectories(Path.Combine(Root, "src"));

    public static IEnumerable<string> Files(string folder, params string[] endings) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => endings.Any(file.EndsWith));

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Kontor.slnx"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Kontor.slnx was not found above the tests."));
}
