using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace Kontor.Architecture.Tests;

/// <summary>Small enough to be read.</summary>
public class SizeTests
{
    private const int FileLines = 300;
    private const int MethodLines = 60;
    private const int LineLength = 140;
    private const int HandlerDependencies = 7;
    private const int ProgramLines = 100;

    private static readonly string[] NamesOfNothing = ["Common", "Helpers", "Helper", "Utils", "Util", "Extensions", "Manager", "Misc"];

    private static readonly string[] FromTheRequest =
        ["CancellationToken", "Request", "HttpContext", "string", "string?", "int?", "long?", "decimal?", "bool?"];

    public static TheoryData<string> Folders =>
        [.. new[] { "src", "tests", "bench" }.Where(folder => Directory.Exists(Path.Combine(Sources.Root, folder)))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Files_and_lines_keep_their_size(string folder)
    {
        var tooLong = new List<string>();
        foreach (var file in Sources.Files(folder, ".cs", ".razor"))
        {
            var lines = Sources.Text(file).Split('\n');
            if (lines.Length - 1 > FileLines) tooLong.Add($"{file}: {lines.Length - 1} lines");
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length > LineLength) tooLong.Add($"{file}:{i + 1}: {lines[i].Length} characters");
            }
        }

        tooLong.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Methods_keep_their_size(string folder)
    {
        var tooLong =
            from file in Sources.Files(folder, ".cs")
            from method in Sources.Syntax(file).DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            let lines = LinesOf(method)
            where lines > MethodLines
            select $"{file}: {(method as MethodDeclarationSyntax)?.Identifier.Text ?? "constructor"} has {lines} lines";
        tooLong.ShouldBeEmpty();
    }

    [Fact]
    public void Handlers_have_few_dependencies()
    {
        var tooMany =
            from file in Sources.Files("src", ".cs")
            from method in Sources.Syntax(file).DescendantNodes().OfType<MethodDeclarationSyntax>()
            where method.Identifier.Text == "Handle" && method.Modifiers.Any(modifier => modifier.Text == "static")
            // What comes from the request is no dependency.
            let dependencies = method.ParameterList.Parameters.Count(parameter => !FromTheRequest.Contains(parameter.Type!.ToString()))
            where dependencies > HandlerDependencies
            select $"{file}: {method.Identifier.Text} has {dependencies}";
        tooMany.ShouldBeEmpty();
    }

    [Fact]
    public void The_program_is_a_table_of_contents() =>
        Sources.Text("src/Kontor/Program.cs").Split('\n').Length.ShouldBeLessThanOrEqualTo(ProgramLines);

    [Fact]
    public void Nothing_is_called_after_nothing()
    {
        var vague = Sources.Files("src", ".cs", ".razor")
            .Where(file => file.Split('/').Any(part => NamesOfNothing.Contains(part.Split('.')[0])));
        vague.ShouldBeEmpty();
    }

    private static int LinesOf(SyntaxNode node)
    {
        var span = node.SyntaxTree.GetLineSpan(node.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}
