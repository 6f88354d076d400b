using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace Kontor.Architecture.Tests;

/// <summary>`docs/security.md` claims what tests show, and every requirement has its line.</summary>
public partial class SecurityListTests
{
    private static readonly string Page = Sources.Text("docs/security.md");

    private static readonly List<Requirement> Requirements =
        [.. Row().Matches(Page).Select(row => new Requirement(row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value))];

    /// <summary>Of level 1 and 2: the chapter and section, and the numbers in it.</summary>
    private static readonly string[] Asked =
    [
        .. In("6.1", 3), .. In("6.2", 12), .. In("6.3", 4), .. In("6.4", 4), .. In("6.5", 5), .. In("6.6", 3), .. In("6.8", 4),
        .. In("7.1", 3), .. In("7.2", 4), .. In("7.3", 2), .. In("7.4", 5), .. In("7.5", 2), .. In("7.6", 2),
        .. In("9.1", 3), .. In("9.2", 4),
    ];

    /// <summary>Each test method of the repository as `Class.Method`.</summary>
    private static readonly HashSet<string> Tests =
        [.. Sources.Files("tests", ".cs").SelectMany(file => Sources.Syntax(file).DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Where(method => method.AttributeLists.SelectMany(list => list.Attributes).Any(
                attribute => attribute.Name.ToString() is "Fact" or "Theory"))
            .Select(method => $"{((TypeDeclarationSyntax)method.Parent!).Identifier.Text}.{method.Identifier.Text}")];

    private sealed record Requirement(string Number, string Status, string Reason);

    [Fact]
    public void Every_requirement_has_one_line() => Requirements.Select(one => one.Number).ShouldBe(Asked);

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = Name().Matches(Page).Select(match => match.Groups[1].Value).Distinct().ToList();
        named.Count.ShouldBeGreaterThan(50);
        named.Where(name => !Tests.Contains(name)).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_met_names_a_test_and_what_is_not_says_why()
    {
        Requirements.Where(one => one.Status is "met" or "option" && !Name().IsMatch(one.Reason)).ShouldBeEmpty();
        Requirements.Where(one => one.Status is "not met" or "n/a" && !one.Reason.Contains('.', StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void The_page_counts_right()
    {
        int Count(string status) => Requirements.Count(one => one.Status == status);
        Page.ShouldContain($"Of {Requirements.Count} requirements {Count("met")} are met, {Count("option")} by an option, "
            + $"{Count("not met")} are not met and {Count("n/a")} have nothing to be about.");
    }

    [Fact]
    public void Accounts_draws_nothing_from_the_ordinary_generator() => Sources.Files("src/Accounts", ".cs")
        .Where(file => Sources.Syntax(file).DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => name.Identifier.Text == "Random"
            && name.Parent is MemberAccessExpressionSyntax { Name.Identifier.Text: "Shared" } or ObjectCreationExpressionSyntax))
        .ShouldBeEmpty();

    private static IEnumerable<string> In(string section, int count) => Enumerable.Range(1, count).Select(n => $"{section}.{n}");

    [GeneratedRegex(@"^\| (\d\.\d\.\d+) \| [12] \| [^|]+ \| (met|option|not met|n/a) \| (.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`([A-Z][A-Za-z]+Tests\.[A-Z][A-Za-z_0-9]+)`")]
    private static partial Regex Name();
}
