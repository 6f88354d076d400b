using Kontor.Foundation.Seams;
using Kontor.Sync.Tables;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

public class ClientSchemaTests
{
    private static readonly SyncTable Boxes = new("boxes", "x_boxes", [new("label", SyncType.Text)]);

    [Fact]
    public void A_table_and_a_column_that_came_later_are_migrations()
    {
        var things = new SyncTable("things", "x_things",
            [new("box_id", SyncType.Text), new("is_red", SyncType.Flag, Nullable: true, Since: 3)], new("boxes", "box_id"), Since: 2);
        var boxes = Boxes with { Columns = [.. Boxes.Columns, new("height", SyncType.Number, Since: 3)] };

        var text = new ClientSchema([boxes, things]).Write();

        text.ShouldContain("  version: 3,\n");
        var second = Between(text, "toVersion: 2,", "toVersion: 3,");
        second.ShouldContain("createTable({\n          name: 'things',");
        second.ShouldContain("{ name: 'box_id', type: 'string', isIndexed: true }");
        second.ShouldNotContain("is_red");
        var third = Between(text, "toVersion: 3,", "export class");
        third.ShouldContain("addColumns({\n          table: 'boxes',");
        third.ShouldContain("{ name: 'is_red', type: 'boolean', isOptional: true }");
        text.ShouldContain("  @field('is_red') isRed!: boolean | null\n");
        text.ShouldContain("  @field('height') height!: number\n");
    }

    [Theory]
    [InlineData("order_items", "OrderItem")]
    [InlineData("categories", "Category")]
    [InlineData("home_widgets", "HomeWidget")]
    public void A_model_is_named_after_one_row(string table, string model) =>
        new ClientSchema([Boxes with { Name = table }]).Write().ShouldContain($"export class {model} extends Model");

    private static string Between(string text, string from, string to)
    {
        var start = text.IndexOf(from, StringComparison.Ordinal);
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
    }
}
