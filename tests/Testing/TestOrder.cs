using Xunit.Sdk;
using Xunit.v3;

namespace Kontor.Testing;

/// <summary>
/// Runs the tests of a class in the order of their names, the same on every machine; the runner's own order depends on the folder.
/// <c>KONTOR_TEST_SEED=7</c> shuffles them instead, which finds tests that lean on one another.
/// </summary>
public sealed class TestOrder : ITestCaseOrderer
{
    private static readonly int? Seed = int.TryParse(Environment.GetEnvironmentVariable("KONTOR_TEST_SEED"), out var seed) ? seed : null;

    public IReadOnlyCollection<TTestCase> OrderTestCases<TTestCase>(IReadOnlyCollection<TTestCase> testCases)
        where TTestCase : notnull, ITestCase
    {
        var ordered = testCases.OrderBy(test => test.TestCaseDisplayName, StringComparer.Ordinal).ToArray();
        if (Seed is { } seed) new Random(seed).Shuffle(ordered);
        return ordered;
    }
}
