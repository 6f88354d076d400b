using System.Text.Json;
using Kontor.Home.Widgets.Types;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class SchemaTests
{
    [Theory]
    [InlineData("""{"type": "string"}""", "\"a\"")]
    [InlineData("""{"type": ["string", "null"]}""", "null")]
    [InlineData("""{"type": "integer"}""", "1.0")]
    [InlineData("""{"type": "number", "minimum": 0, "maximum": 9.99}""", "9.99")]
    [InlineData("""{"enum": [1, "a", {"b": 2}]}""", """{"b": 2}""")]
    [InlineData("""{"const": 1}""", "1")]
    [InlineData("""{"minLength": 1, "maxLength": 1}""", "\"\\ud83d\\ude00\"")]
    [InlineData("""{"pattern": "b"}""", "\"abc\"")]
    [InlineData("""{"pattern": "^[$]$"}""", "\"$\"")]
    [InlineData("""{"minLength": 9, "minimum": 9, "minItems": 9, "required": ["a"]}""", "true")]
    [InlineData("""{"additionalProperties": {"type": "number"}}""", """{"a": 1}""")]
    [InlineData("""{"items": {"type": "number"}, "minItems": 2, "maxItems": 2}""", "[1, 2]")]
    [InlineData("""{"format": "uri-reference"}""", "\"/a?b=c#d\"")]
    [InlineData("""{}""", """{"any": ["thing", null]}""")]
    public void A_valid_value_has_no_errors(string schema, string value) => Errors(schema, value).ShouldBeEmpty();

    [Theory]
    [InlineData("""{"type": "string"}""", "1", "")]
    [InlineData("""{"type": "integer"}""", "1.5", "")]
    [InlineData("""{"type": "object"}""", "[]", "")]
    [InlineData("""{"type": "number", "minimum": 0}""", "-0.01", "")]
    [InlineData("""{"maximum": 10}""", "10.000000001", "")]
    [InlineData("""{"type": "number"}""", "1e999", "")]
    [InlineData("""{"enum": ["a", "b"]}""", "\"c\"", "")]
    [InlineData("""{"const": 1}""", "2", "")]
    [InlineData("""{"required": ["a/b"]}""", "{}", "/a~1b")]
    [InlineData("""{"additionalProperties": false}""", """{"a~b": 1}""", "/a~0b")]
    [InlineData("""{"properties": {"a": {"type": "string"}}}""", """{"a": "x", "a": "y"}""", "/a")]
    [InlineData("""{"additionalProperties": {"type": "number"}}""", """{"a": "1"}""", "/a")]
    [InlineData("""{"items": {"properties": {"a": {"maxLength": 1}}}}""", """[{}, {"a": "bc"}]""", "/1/a")]
    [InlineData("""{"minItems": 1}""", "[]", "")]
    [InlineData("""{"maxItems": 1}""", "[1, 2]", "")]
    [InlineData("""{"minLength": 2}""", "\"\\ud83d\\ude00\"", "")]
    [InlineData("""{"pattern": "^a$"}""", "\"a\\n\"", "")]
    [InlineData("""{"maxLength": 9}""", "\"\\ud83d\"", "")]
    [InlineData("""{"format": "uri-reference"}""", "\"a b\"", "")]
    public void An_invalid_value_is_refused_at_its_place(string schema, string value, string pointer) =>
        Errors(schema, value).ShouldHaveSingleItem().Pointer.ShouldBe(pointer);

    [Fact]
    public void Every_reason_is_told_but_not_more_than_a_hundred()
    {
        Errors("""{"required": ["a", "b"], "additionalProperties": false}""", """{"c": 1}""").Count.ShouldBe(3);
        Errors("""{"items": {"type": "null"}}""", $"[{string.Join(',', Enumerable.Repeat(1, 1000))}]").Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("""{"typ": "string"}""", "/typ")]
    [InlineData("""{"properties": {"a": {"oneOf": []}}}""", "/properties/a/oneOf")]
    [InlineData("""{"items": {"$ref": "#"}}""", "/items/$ref")]
    [InlineData("""{"type": "text"}""", "/type")]
    [InlineData("""{"type": []}""", "/type")]
    [InlineData("""{"minItems": -1}""", "/minItems")]
    [InlineData("""{"minLength": 1.5}""", "/minLength")]
    [InlineData("""{"maximum": "1"}""", "/maximum")]
    [InlineData("""{"required": "a"}""", "/required")]
    [InlineData("""{"enum": 1}""", "/enum")]
    [InlineData("""{"format": "date"}""", "/format")]
    [InlineData("""{"format": 1}""", "/format")]
    [InlineData("""{"pattern": "("}""", "/pattern")]
    [InlineData("""{"pattern": "(a)\\1"}""", "/pattern")]
    [InlineData("""{"items": true}""", "/items")]
    [InlineData("""[]""", "root")]
    [InlineData("""{""", "not JSON")]
    [InlineData("""{"type": "string", "type": "number"}""", "twice")]
    public void A_schema_that_would_not_be_honoured_is_refused(string schema, string named) =>
        Should.Throw<FormatException>(() => JsonSchema.Parse(schema)).Message.ShouldContain(named);

    [Theory]
    [InlineData("/products/boots", true)]
    [InlineData("/", true)]
    [InlineData("/a?b=c&d=%20#e", true)]
    [InlineData("https://example.com", true)]
    [InlineData("https://example.com/a?b#c", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("JavaScript:alert(1)", false)]
    [InlineData("java\\tscript:alert(1)", false)]
    [InlineData(" javascript:alert(1)", false)]
    [InlineData("data:text/html,x", false)]
    [InlineData("http://example.com", false)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\\\evil.example", false)]
    [InlineData("/\\t/evil.example", false)]
    [InlineData("https:evil.example", false)]
    [InlineData("https:///evil.example", false)]
    [InlineData("products/boots", false)]
    [InlineData("/a\\nb", false)]
    [InlineData("", false)]
    public void A_link_is_a_local_path_or_https(string href, bool isAllowed)
    {
        var content = $$"""{"items": [{"title": "A", "href": "{{href}}"}]}""";
        Errors(Embedded("card-list"), content).Select(error => error.Pointer).Distinct()
            .ShouldBe(isAllowed ? [] : ["/items/0/href"]);
    }

    [Theory]
    [InlineData("hero")]
    [InlineData("product-grid")]
    [InlineData("card-list")]
    [InlineData("text")]
    public void The_types_of_the_build_are_schemas_and_refuse_what_they_do_not_know(string type) =>
        Errors(Embedded(type), """{"surprise": 1}""").ShouldContain(error => error.Pointer == "/surprise");

    private static IReadOnlyList<SchemaError> Errors(string schema, string value) =>
        JsonSchema.Parse(schema).Validate(JsonElement.Parse(value));

    private static string Embedded(string type)
    {
        var assembly = typeof(HomeModule).Assembly;
        var name = assembly.GetManifestResourceNames().Single(one => one.EndsWith($".{type}.schema.json", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
