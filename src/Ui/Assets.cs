using System.Collections.Frozen;
using System.Reflection;
using Kontor.Foundation;

namespace Kontor.Ui;

/// <summary>
/// Pictures, stylesheets and scripts that are embedded in the modules as `assets/{module}/{path}`, served from memory. After
/// `@inject Assets Asset`, `Asset["ui/icon.svg"]` is the address, which changes with the content and so may be cached for ever.
/// </summary>
public sealed class Assets(IEnumerable<IModule> modules)
{
    private const string Prefix = "assets/";

    private readonly FrozenDictionary<string, Asset> _assets = Load(modules);

    /// <summary>An address without a version for what does not exist: a page without a picture is better than no page.</summary>
    public string this[string path] => Find(path) is { } asset ? $"/assets/{path}?v={asset.Version}" : $"/assets/{path}";

    internal Asset? Find(string path) => _assets.GetValueOrDefault(path);

    private static FrozenDictionary<string, Asset> Load(IEnumerable<IModule> modules)
    {
        var assets = new Dictionary<string, Asset>(StringComparer.Ordinal);
        foreach (var assembly in modules.Select(module => module.GetType().Assembly).Append(typeof(Assets).Assembly).Distinct())
        {
            foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
                assets[name[Prefix.Length..]] = new Asset(name, Read(assembly, name));
        }

        return assets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static byte[] Read(Assembly assembly, string resource)
    {
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
