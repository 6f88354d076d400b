using Kontor.Testing;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Kontor.Architecture.Tests;

/// <summary>The repository as it lies on the disk, so that what is added later is looked at too.</summary>
internal static class Sources
{
    public static readonly string Root = Repository.Root;

    /// <summary>Platform and products: every project that has an `XModule.cs`.</summary>
    public static readonly IReadOnlyList<string> Modules =
        [.. Directory.GetDirectories(Path.Combine(Root, "src")).Select(folder => Path.GetFileName(folder)!)
            .Where(name => File.Exists(Path.Combine(Root, "src", name, $"{name}Module.cs"))).Order()];

    /// <summary>Hand-written files below a folder, by their ending, relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, params string[] endings) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file))
            .Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)))
            .Where(file => !file.Split('/').Any(part => part is "artifacts" or "node_modules" or "bin" or "obj"))
            .Order();

    public static string Text(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static CompilationUnitSyntax Syntax(string file) =>
        CSharpSyntaxTree.ParseText(Text(file)).GetCompilationUnitRoot();
}
