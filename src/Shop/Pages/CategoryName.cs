using Kontor.Ui;

namespace Kontor.Shop;

/// <summary>What a category is called on a page. One that the texts do not know is shown as it is written, with a capital letter.</summary>
internal static class CategoryName
{
    /// <summary>Those of the demo, so that their German is found.</summary>
    private static readonly string[] Known = ["Camping", "Climbing", "Cycling", "Fitness", "Hiking", "Running", "Winter"];

    public static string Of(string category, Texts texts)
    {
        var known = Array.Find(Known, name => name.Equals(category, StringComparison.OrdinalIgnoreCase));
        return known is null ? $"{char.ToUpperInvariant(category[0])}{category[1..]}" : texts[known];
    }
}
