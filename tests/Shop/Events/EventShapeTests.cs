using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Events;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>What other modules read in this one's events: the stored file is what they were promised.</summary>
public class EventShapeTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n" };

    private static string File => Path.Combine(Repository.Root, "tests/Shop/Events/events.json");

    [Fact]
    public void Every_event_has_the_fields_that_are_stored()
    {
        var live = new JsonObject(typeof(ShopModule).Assembly.GetTypes()
            .Where(type => type.IsAssignableTo(typeof(IEvent)))
            .Select(type => KeyValuePair.Create(
                (string)type.GetProperty("Name")!.GetValue(null)!,
                JsonSerializer.SerializeToNode(Example(type, ""), type, JsonSerializerOptions.Web)))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal)).ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("KONTOR_UPDATE_SNAPSHOTS") is not null) System.IO.File.WriteAllText(File, live);
        live.ShouldBe(System.IO.File.ReadAllText(File), "If the change is meant, store it: KONTOR_UPDATE_SNAPSHOTS=1.");
    }

    /// <summary>A value of each kind, made through the record's constructor.</summary>
    private static object Example(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return name;
        if (type == typeof(long) || type == typeof(int)) return Convert.ChangeType(1, type, null);
        if (type == typeof(bool)) return true;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(0)!;
        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type.GetGenericArguments()))!;
            list.Add(Example(type.GetGenericArguments()[0], name));
            return list;
        }

        var constructor = type.GetConstructors().MaxBy(one => one.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(one => Example(one.ParameterType, one.Name!))]);
    }
}
