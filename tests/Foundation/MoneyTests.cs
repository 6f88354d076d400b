using System.Globalization;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class MoneyTests
{
    [Theory]
    [InlineData(17999, "EUR", "179.99")]
    [InlineData(5, "EUR", "0.05")]
    [InlineData(-5, "EUR", "-0.05")]
    [InlineData(1500, "JPY", "1500")]
    [InlineData(1500, "KWD", "1.500")]
    [InlineData(long.MaxValue, "EUR", "92233720368547758.07")]
    public void The_major_unit_is_exact(long minor, string currency, string major)
    {
        var money = new Money(minor, currency);
        money.Major.ToString(CultureInfo.InvariantCulture).ShouldBe(major);
        Money.FromMajor(money.Major, currency).ShouldBe(money);
    }

    [Theory]
    [InlineData("0.005", "EUR")]
    [InlineData("1.5", "JPY")]
    [InlineData("79228162514264337593543950335", "EUR")]
    public void What_has_no_whole_minor_unit_or_does_not_fit_is_no_money(string major, string currency) =>
        Money.FromMajor(decimal.Parse(major, CultureInfo.InvariantCulture), currency).ShouldBeNull();

    [Fact]
    public void Amounts_of_two_currencies_do_not_add_up() =>
        Should.Throw<InvalidOperationException>(() => new Money(1, "EUR") + new Money(1, "USD"));

    [Fact]
    public void A_sum_that_does_not_fit_is_an_error_and_no_small_number()
    {
        Should.Throw<OverflowException>(() => new Money(long.MaxValue, "EUR") + new Money(1, "EUR"));
        Should.Throw<OverflowException>(() => new Money(long.MaxValue, "EUR") * 2);
    }

    [Theory]
    [InlineData("de", "1.234,50 €")]
    [InlineData("en", "€1,234.50")]
    public void People_read_it_in_their_language(string culture, string text) =>
        new Money(123450, "EUR").ToString(CultureInfo.GetCultureInfo(culture)).Replace('\u00a0', ' ').ShouldBe(text);
}
