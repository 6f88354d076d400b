using System.Text.Json;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>The public cases of the dialect and of bucketing; each is a list whose first element often names it.</summary>
internal static class Cases
{
    private static readonly JsonElement All = Load();

    public static TheoryData<int, string> Of(string section)
    {
        var data = new TheoryData<int, string>();
        for (var i = 0; i < All.GetProperty(section).GetArrayLength(); i++) data.Add(i, Name(section, i));
        return data;
    }

    public static JsonElement Get(string section, int index) => All.GetProperty(section)[index];

    public static IEnumerable<JsonElement> Every(string section) => All.GetProperty(section).EnumerateArray();

    public static JsonElement? At(this JsonElement list, string member) =>
        list.ValueKind == JsonValueKind.Object && list.TryGetProperty(member, out var value) ? value : null;

    private static string Name(string section, int index) =>
        All.GetProperty(section)[index] is var one && one[0].ValueKind == JsonValueKind.String ? one[0].GetString()! : one.GetRawText();

    private static JsonElement Load()
    {
        using var file = typeof(Cases).Assembly.GetManifestResourceStream("growthbook-cases.json")!;
        return JsonDocument.Parse(file).RootElement.Clone();
    }
}
