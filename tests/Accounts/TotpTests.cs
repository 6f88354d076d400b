using System.Text;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Keys;
using Kontor.Foundation.Time;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class TotpTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    /// <summary>RFC 6238, appendix B, for SHA-1.</summary>
    [Theory]
    [InlineData(59, "94287082")]
    [InlineData(1111111109, "07081804")]
    [InlineData(1111111111, "14050471")]
    [InlineData(1234567890, "89005924")]
    [InlineData(2000000000, "69279037")]
    [InlineData(20000000000, "65353130")]
    public void Codes_are_those_of_RFC_6238(long seconds, string code)
    {
        var step = Totp.StepAt(seconds * Clock.Second);

        Totp.CodeOf(Secret, step, digits: 8).ShouldBe(code);
        Totp.CodeOf(Secret, step).ShouldBe(code[2..]);
    }

    /// <summary>RFC 4226, appendix D.</summary>
    [Fact]
    public void Codes_are_those_of_RFC_4226() => Enumerable.Range(0, 10).Select(count => Totp.CodeOf(Secret, count)).ShouldBe(
        ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]);

    [Fact]
    public void A_secret_is_written_as_RFC_4648_says() =>
        Totp.Base32(Secret).ShouldBe("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void A_clock_may_be_one_step_wrong(int steps, bool isRight)
    {
        const long now = 1_000_000 * 30 * Clock.Second;
        var step = Totp.StepAt(now) + steps;

        Totp.StepOf(Totp.CodeOf(Secret, step), Secret, now).ShouldBe(isRight ? step : null);
    }

    [Fact]
    public void An_address_with_any_character_stays_one_label()
    {
        var uri = new Uri(Totp.UriOf("ABC", "Kontor & more", "a+b:c/d?@kontor.example"));

        uri.Scheme.ShouldBe("otpauth");
        uri.Host.ShouldBe("totp");
        Uri.UnescapeDataString(uri.AbsolutePath).ShouldBe("/Kontor & more:a+b:c/d?@kontor.example");
        uri.Query.ShouldBe("?secret=ABC&issuer=Kontor%20%26%20more&algorithm=SHA1&digits=6&period=30");
    }

    [Fact]
    public void What_is_sealed_opens_about_the_same_thing_only_and_when_nothing_of_it_changed()
    {
        var folder = Directory.CreateTempSubdirectory("kontor-test-");
        try
        {
            var ring = new KeyRing(folder.FullName);
            var closed = Seal.Close(ring, Secret, "totp ada");

            Seal.Open(ring, closed, "totp ada").ShouldBe(Secret);
            Seal.Open(ring, closed, "totp robin").ShouldBeNull();
            Seal.Close(ring, Secret, "totp ada").ShouldNotBe(closed);
            for (var i = 0; i < closed.Length; i++)
            {
                var changed = closed.ToArray();
                changed[i] ^= 1;
                Seal.Open(ring, changed, "totp ada").ShouldBeNull();
                Seal.Open(ring, closed.AsSpan(0, i), "totp ada").ShouldBeNull();
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
