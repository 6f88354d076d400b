using System.Globalization;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

/// <summary>WCAG 2.2 AA: text stands out from its ground by 4.5 to 1, the edge of a control by 3 to 1, in both schemes.</summary>
public partial class ColourTests
{
    private static readonly Dictionary<string, string>[] Schemes = Read();

    [Theory]
    [InlineData("ink", "paper")]
    [InlineData("ink", "surface")]
    [InlineData("ink", "sunken")]
    [InlineData("ink-soft", "paper")]
    [InlineData("ink-soft", "surface")]
    [InlineData("ink-soft", "sunken")]
    [InlineData("link", "paper")]
    [InlineData("link", "surface")]
    [InlineData("link", "sunken")]
    [InlineData("on-brand", "brand")]
    [InlineData("on-brand", "brand-strong")]
    [InlineData("accent", "surface")]
    [InlineData("accent", "paper")]
    [InlineData("error", "surface")]
    [InlineData("error", "paper")]
    [InlineData("info", "info-wash")]
    [InlineData("success", "success-wash")]
    [InlineData("warning", "warning-wash")]
    [InlineData("error", "error-wash")]
    [InlineData("ink", "info-wash")]
    [InlineData("ink", "success-wash")]
    [InlineData("ink", "warning-wash")]
    [InlineData("ink", "error-wash")]
    public void Text_is_legible(string text, string ground)
    {
        foreach (var scheme in Schemes) Contrast(scheme[text], scheme[ground]).ShouldBeGreaterThanOrEqualTo(4.5);
    }

    [Theory]
    [InlineData("line-strong", "paper")]
    [InlineData("line-strong", "surface")]
    [InlineData("link", "paper")]
    [InlineData("brand", "surface")]
    public void The_edge_of_a_control_is_seen(string edge, string ground)
    {
        foreach (var scheme in Schemes) Contrast(scheme[edge], scheme[ground]).ShouldBeGreaterThanOrEqualTo(3);
    }

    private static Dictionary<string, string>[] Read()
    {
        var css = File.ReadAllText(Path.Combine(SourceTree.Root, "src/Ui/Assets/kontor.css"));
        var blocks = Regex.Matches(css, @":root \{(.*?)\}", RegexOptions.Singleline).Select(block => Tokens(block.Value)).ToList();
        blocks.Count.ShouldBe(2);
        return [blocks[0], new(blocks[0].Concat(blocks[1]).GroupBy(pair => pair.Key).Select(group => group.Last()))];
    }

    private static Dictionary<string, string> Tokens(string block) =>
        TokenPattern().Matches(block).ToDictionary(token => token.Groups[1].Value, token => token.Groups[2].Value);

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(one), Luminance(other));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string colour) =>
        (0.2126 * Channel(colour, 0)) + (0.7152 * Channel(colour, 2)) + (0.0722 * Channel(colour, 4));

    private static double Channel(string colour, int at)
    {
        var value = int.Parse(colour.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex("--([a-z-]+): #([0-9a-f]{6});")]
    private static partial Regex TokenPattern();
}
