using System.Text;

namespace Kontor.Foundation;

/// <summary>Unicode's forms of text that anybody may have typed.</summary>
public static class AnyText
{
    /// <summary>As the framework does it, which throws at U+FFFE and at half a pair of surrogates; here they become U+FFFD.</summary>
    public static string InForm(this string text, NormalizationForm form)
    {
        var sound = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) sound.Append(rune.Value == 0xFFFE ? "\uFFFD" : rune.ToString());
        return sound.ToString().Normalize(form);
    }
}
