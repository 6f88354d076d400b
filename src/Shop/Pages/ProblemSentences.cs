using Kontor.Foundation;
using Kontor.Ui;

namespace Kontor.Shop;

/// <summary>What a page says about a refusal: its title, or more where its members say more.</summary>
internal static class ProblemSentences
{
    public static string Of(Problem problem, Texts texts) =>
        problem.Extensions.GetValueOrDefault("available") is long available && problem.Extensions.GetValueOrDefault("held") is long held
            ? texts["There are not enough pieces left. You can have {0}.", available + held]
            : texts[problem.Title];

    /// <summary>What is wrong with each field, by the field's name in JSON.</summary>
    public static IReadOnlyDictionary<string, string[]> Fields(Problem? problem) =>
        problem?.Extensions.GetValueOrDefault("errors") as IReadOnlyDictionary<string, string[]> ?? new Dictionary<string, string[]>();
}
