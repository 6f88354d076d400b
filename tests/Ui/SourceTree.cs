using Kontor.Testing;

namespace Kontor.Ui.Tests;

/// <summary>The repository that these tests were built from, for rules about its files.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Repository.Root;

    public static IEnumerable<string> Projects => Directory.EnumerateDirectories(Path.Combine(Root, "src"));

    public static IEnumerable<string> Files(string folder, params string[] endings) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => endings.Any(file.EndsWith));
}
