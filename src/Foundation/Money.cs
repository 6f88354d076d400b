using System.Globalization;

namespace Kontor.Foundation;

/// <summary>An amount in whole minor units (cents) of one currency. No floating point touches money.</summary>
public readonly record struct Money(long Minor, string Currency) : IComparable<Money>
{
    /// <summary>The currencies whose minor unit is not a hundredth, by its number of digits; ISO 4217, list one.</summary>
    private static readonly Dictionary<string, int> Digits = Listed(
        (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (3, "BHD IQD JOD KWD LYD OMR TND"),
        (4, "CLF UYW"));

    /// <summary>The amount in the major unit, as JSON carries it: exact, with the currency's number of digits.</summary>
    public decimal Major => new(
        (int)(Math.Abs(Minor) & 0xFFFFFFFF), (int)(Math.Abs(Minor) >> 32), 0, Minor < 0, (byte)DigitsOf(Currency));

    /// <summary>Null when the amount has more digits than the currency or does not fit.</summary>
    public static Money? FromMajor(decimal major, string currency)
    {
        var factor = (decimal)Math.Pow(10, DigitsOf(currency));
        if (Math.Abs(major) > long.MaxValue / factor) return null;
        var minor = major * factor;
        return minor == decimal.Truncate(minor) ? new Money((long)minor, currency) : null;
    }

    public static Money operator +(Money left, Money right) => new(checked(left.Minor + right.Minor), Same(left, right));

    public static Money operator -(Money left, Money right) => new(checked(left.Minor - right.Minor), Same(left, right));

    public static Money operator *(Money left, long times) => left with { Minor = checked(left.Minor * times) };

    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;

    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;

    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;

    public int CompareTo(Money other)
    {
        Same(this, other);
        return Minor.CompareTo(other.Minor);
    }

    /// <summary>For people, in their language: `1.234,50 €`.</summary>
    public string ToString(CultureInfo culture)
    {
        var format = (NumberFormatInfo)culture.NumberFormat.Clone();
        format.CurrencySymbol = Currency switch { "EUR" => "€", "USD" => "$", "GBP" => "£", _ => Currency };
        format.CurrencyDecimalDigits = DigitsOf(Currency);
        return Major.ToString("C", format);
    }

    public override string ToString() => ToString(CultureInfo.CurrentCulture);

    private static int DigitsOf(string currency) => Digits.GetValueOrDefault(currency, 2);

    private static Dictionary<string, int> Listed(params ReadOnlySpan<(int Digits, string Currencies)> lists)
    {
        var all = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (digits, currencies) in lists)
        {
            foreach (var currency in currencies.Split(' ')) all.Add(currency, digits);
        }

        return all;
    }

    private static string Same(Money left, Money right) => left.Currency == right.Currency
        ? left.Currency
        : throw new InvalidOperationException($"{left.Currency} and {right.Currency} do not add up.");
}
