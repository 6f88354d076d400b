using System.Text;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class AnyTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("\u00e9", "e\u0301")]
    [InlineData("\u0301\u0301", "\u0301\u0301")]
    [InlineData("\u05d0\u202e\u0627", "\u05d0\u202e\u0627")]
    [InlineData("a\ufffeb", "a\ufffdb")]
    [InlineData("\ud83d\ude00", "\ud83d\ude00")]
    public void What_is_no_character_becomes_the_sign_for_that(string text, string expected) =>
        text.InForm(NormalizationForm.FormD).ShouldBe(expected);

    [Fact]
    public void Half_a_pair_of_surrogates_is_no_character() =>
        string.Concat("a", ((char)0xD83D).ToString(), "b").InForm(NormalizationForm.FormC).ShouldBe("a\ufffdb");
}
