using System.Reflection;

namespace Kontor.Foundation.Seams;

/// <summary>
/// What a product brings to the home feed of a demo, added by `services.AddSingleton(DemoWidgets.Of(...))`: a JSON object whose members
/// `segments`, `sources`, `widgets`, `experiments` and `snapshots` list the bodies of the calls that would make them.
/// </summary>
public sealed record DemoWidgets(string Json)
{
    /// <param name="resource">Embedded in the assembly.</param>
    public static DemoWidgets Of(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new(reader.ReadToEnd());
    }
}
