using Kontor.Shop.Pricing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pricing;

public class TotalsTests
{
    private static readonly ShippingMethod Express = new() { Key = "express", PriceMinor = 990, FreeFromMinor = 15_000 };

    [Theory]
    [InlineData(11_900, 1900, 1_900)]
    [InlineData(10_700, 700, 700)]
    [InlineData(100, 1900, 16)]
    [InlineData(1, 1900, 0)]
    [InlineData(0, 1900, 0)]
    [InlineData(9_999, 0, 0)]
    [InlineData(199, 2500, 40)]
    [InlineData(long.MaxValue, 1900, 1_472_639_232_775_132_272)]
    public void The_tax_in_a_price_is_rounded_half_up(long gross, int rate, long tax) => Totals.ContainedTax(gross, rate).ShouldBe(tax);

    [Fact]
    public void Net_and_tax_make_the_gross_again()
    {
        for (var gross = 0L; gross < 20_000; gross++)
        {
            var tax = Totals.ContainedTax(gross, 1900);
            // Within half a cent of what it is exactly.
            Math.Abs((gross * 1900m / 11_900m) - tax).ShouldBeLessThanOrEqualTo(0.5m);
        }
    }

    [Fact]
    public void Shipping_is_free_from_what_the_goods_cost_after_the_coupon()
    {
        Of(14_999, null).Shipping.ShouldBe(990);
        Of(15_000, null).Shipping.ShouldBe(0);
        Of(15_500, Amount(1_000)).Shipping.ShouldBe(990);
    }

    [Fact]
    public void A_coupon_takes_off_no_more_than_the_goods_cost()
    {
        var totals = Of(500, Amount(2_000));
        totals.Discount.ShouldBe(500);
        totals.Total.ShouldBe(990);
    }

    [Theory]
    [InlineData(10, 999, 99)]
    [InlineData(100, 999, 999)]
    [InlineData(1, 99, 0)]
    [InlineData(33, long.MaxValue / 2, 1_521_856_386_081_038_007)]
    public void Of_a_percentage_half_a_cent_goes_to_the_shop(long percent, long goods, long discount) =>
        (Amount(1) with { AmountMinor = null, Percent = percent }).DiscountOf(goods).ShouldBe(discount);

    [Fact]
    public void What_does_not_fit_is_refused() =>
        Totals.Of([(long.MaxValue, 2)], null, null, 1900).Problem!.Code.ShouldBe("order-too-large");

    private static Totals Of(long goods, Coupon? coupon) => Totals.Of([(goods, 1)], coupon, Express, 1900).Value!;

    private static Coupon Amount(long minor) => new("CODE", minor, null, 0, null, null, null, null, true, 0, 0);
}
