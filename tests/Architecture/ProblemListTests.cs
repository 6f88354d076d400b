using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Kontor.Architecture.Tests;

/// <summary>`docs/problems.md` is what clients decide by.</summary>
public partial class ProblemListTests
{
    private static readonly List<(string Code, string Status)> Documented =
        [.. Row().Matches(Sources.Text("docs/problems.md")).Select(row => (row.Groups[1].Value, row.Groups[2].Value))];

    private static readonly List<(string Code, string Status)> Declared =
        [.. Sources.Files("src", ".cs").SelectMany(file => Declaration().Matches(Sources.Text(file)))
            .Select(problem => (problem.Groups[2].Value, problem.Groups[1].Value)).Distinct()];

    [Fact]
    public void Every_problem_is_documented() =>
        Declared.Where(problem => !Documented.Contains(problem)).ShouldBeEmpty();

    [Fact]
    public void Every_documented_code_exists()
    {
        var sources = string.Concat(Sources.Files("src", ".cs").Select(Sources.Text));
        Documented.Where(row => !sources.Contains($"\"{row.Code}\"", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void A_code_is_documented_once() =>
        Documented.GroupBy(row => row.Code).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| (\d{3}|4xx) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\(\s*([45]\d{2}),\s*""([a-z0-9-]+)""")]
    private static partial Regex Declaration();
}
