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

    /// <summary>All that ISO 4217 lists today.</summary>
    [Theory]
    [InlineData("1", "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF")]
    [InlineData("0.001", "BHD IQD JOD KWD LYD OMR TND")]
    [InlineData("0.0001", "CLF UYW")]
    [InlineData("0.01", """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC
        CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR
        KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
        PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
        UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
        """)]
    public void Each_currency_has_its_own_smallest_unit(string smallest, string currencies)
    {
        foreach (var currency in currencies.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var one = decimal.Parse(smallest, CultureInfo.InvariantCulture);
            new Money(1, currency).Major.ShouldBe(one, currency);
            Money.FromMajor(one, currency).ShouldBe(new Money(1, currency), currency);
            Money.FromMajor(one / 10, currency).ShouldBeNull(currency);
            new Money(12_345, currency).ToString(CultureInfo.GetCultureInfo("en")).Count(char.IsAsciiDigit).ShouldBe(5, currency);
        }
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
