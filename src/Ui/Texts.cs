using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Kontor.Foundation;
using Microsoft.AspNetCore.Http;

namespace Kontor.Ui;

/// <summary>
/// What pages say, in the visitor's language. The English text in the source is the key; the embedded `Pages/de.json` of each module
/// and of this project translate it, and what they do not have stays English.
/// </summary>
public sealed class Texts(IEnumerable<IModule> modules)
{
    private readonly FrozenDictionary<string, string> _german = Load(modules);

    /// <summary>`en` or `de`.</summary>
    public static string Language => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "de" ? "de" : "en";

    /// <summary>How the visitor's language writes a day, as a format: `d. MMM`.</summary>
    public static string Day => Language == "de" ? "d. MMM" : "d MMM";

    /// <summary>The language that a visitor chose, or their browser or app asks for, as <see cref="Language"/>; also on the API.</summary>
    public static string LanguageOf(HttpRequest request) => Languages.Of(request).TwoLetterISOLanguageName;

    public string this[string english] => Language == "de" ? _german.GetValueOrDefault(english, english) : english;

    /// <summary>With places for values, written as the visitor's language writes numbers and dates: `T["{0} pieces left", n]`.</summary>
    public string this[string english, params object?[] values] => string.Format(CultureInfo.CurrentCulture, this[english], values);

    private static FrozenDictionary<string, string> Load(IEnumerable<IModule> modules)
    {
        var german = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var assembly in modules.Select(module => module.GetType().Assembly).Append(typeof(Texts).Assembly).Distinct())
        {
            foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith(".de.json", StringComparison.Ordinal)))
                foreach (var (english, text) in Read(assembly, name)) german[english] = text;
        }

        return german.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        return JsonSerializer.Deserialize<Dictionary<string, string>>(stream)!;
    }
}
