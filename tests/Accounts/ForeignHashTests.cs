using System.Globalization;
using Kontor.Accounts.Passwords;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

[Trait("Database", "none")]
public class ForeignHashTests
{
    // Of jBCrypt's tests and of crypt_blowfish's, and from the reference implementation of 2b and 2y (libxcrypt): long ones and UTF-8.
    [Theory]
    [InlineData("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.")]
    [InlineData("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe")]
    [InlineData("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC")]
    [InlineData("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO")]
    [InlineData("a", "$2a$10$k87L/MF28Q673VKh8/cPi.SUl7MU/rWuSiIDDFayrKk/1tBsSQu4u")]
    [InlineData("U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")]
    [InlineData("pässwörd", "$2y$06$abcdefghijklmnopqrstuuZRpgtdvy8sTei59Ltc5pdsksVO.fDZe")]
    [InlineData("correct horse battery staple", "$2b$08$DCq7YPn5Rq63x1Lad4cll.nmWKMT3BneLht6lJ.41gr9wjqKr9pBC")]
    public void Bcrypt_computes_what_is_published(string password, string hash)
    {
        var (foreign, error) = ForeignHash.Import(hash);

        error.ShouldBeNull();
        foreign!.Matches(password).ShouldBeTrue();
        foreign.Matches(password + "x").ShouldBeFalse();
        ForeignHash.Parse(foreign.Text).ShouldNotBeNull().Matches(password).ShouldBeTrue();
    }

    [Theory]
    [InlineData(71, "$2b$04$DCq7YPn5Rq63x1Lad4cll.qcvQbWmXRniirxjO/i4Aljo3PngO7M6")]
    [InlineData(72, "$2b$04$DCq7YPn5Rq63x1Lad4cll.nJmTn/7Df9/c5/AzVmvwunbnvRmjrMC")]
    [InlineData(73, "$2b$04$DCq7YPn5Rq63x1Lad4cll.nJmTn/7Df9/c5/AzVmvwunbnvRmjrMC")]
    public void Of_long_passwords_bcrypt_takes_72_bytes(int length, string hash) =>
        ForeignHash.Parse(hash)!.Matches(new string('x', length)).ShouldBeTrue();

    [Theory]
    [InlineData(PasswordHasherCompatibilityMode.IdentityV2, 0, "pbkdf2-sha1-1000")]
    [InlineData(PasswordHasherCompatibilityMode.IdentityV3, 1_000, "pbkdf2-sha512-1000")]
    [InlineData(PasswordHasherCompatibilityMode.IdentityV3, 100_000, "pbkdf2-sha512-100000")]
    public void A_hash_of_AspNetCore_Identity_is_read_as_it_was_written(PasswordHasherCompatibilityMode mode, int iterations, string kind)
    {
        var options = new PasswordHasherOptions { CompatibilityMode = mode };
        if (iterations > 0) options.IterationCount = iterations;
        var hash = new PasswordHasher<object>(Options.Create(options)).HashPassword(new(), "schöne Grüße");

        var (foreign, error) = ForeignHash.Import(hash);

        error.ShouldBeNull();
        foreign!.Kind.ShouldBe(kind);
        foreign.Matches("schöne Grüße").ShouldBeTrue();
        foreign.Matches("schöne Grüsse").ShouldBeFalse();
        ForeignHash.Parse(foreign.Text).ShouldNotBeNull().Matches("schöne Grüße").ShouldBeTrue();
    }

    [Fact]
    public void What_would_take_too_long_to_check_is_not_taken()
    {
        var digest = new string('.', 53);

        ForeignHash.Import($"$2b$13${digest}").Error.ShouldBeNull();
        ForeignHash.Import($"$2b$14${digest}").Error.ShouldBe("A bcrypt hash has a cost of 13 at most.");
        ForeignHash.Import($"$2b$31${digest}").Hash.ShouldBeNull();
        ForeignHash.Import(V3(prf: 2, iterations: 1_000_000)).Error.ShouldBeNull();
        ForeignHash.Import(V3(prf: 2, iterations: 1_000_001)).Error.ShouldBe("A PBKDF2 hash has 1000000 iterations at most.");
        ForeignHash.Import(V3(prf: 2, iterations: uint.MaxValue)).Hash.ShouldBeNull();
    }

    [Fact]
    public void What_is_no_hash_is_not_taken()
    {
        string[] broken =
        [
            "", "password", "$2b$10$short", "$2x$10$" + new string('.', 53), "$2b$03$" + new string('.', 53),
            "$2b$10$" + new string('!', 53),
            "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA", V3(prf: 3, iterations: 1000), V3(prf: 1, iterations: 0),
            V3(prf: 1, iterations: 1000, saltLength: 8), V3(prf: 1, iterations: 1000, saltLength: 4_000_000_000),
            V3(prf: 1, iterations: 1000, keyLength: 8), V3(prf: 1, iterations: 1000, keyLength: 65),
            Convert.ToBase64String(new byte[48]), Convert.ToBase64String(new byte[500]), Convert.ToBase64String([2, 3, 4]), "AQ", "====",
            "$pbkdf2-sha256$i=1$AAAA$====",
        ];

        foreach (var text in broken)
            ForeignHash.Import(text).ShouldBe((null, "This is neither a bcrypt hash nor one of ASP.NET Core Identity."), text);
    }

    [Theory]
    [InlineData("bcrypt-4")]
    [InlineData("bcrypt-12")]
    [InlineData("pbkdf2-sha1-1000")]
    [InlineData("pbkdf2-sha256-100000")]
    public void A_decoy_is_of_the_kind_that_it_stands_for(string kind)
    {
        var decoy = ForeignHash.OfKind(kind).ShouldNotBeNull();

        decoy.Kind.ShouldBe(kind);
        ForeignHash.Parse(decoy.Text).ShouldNotBeNull().Kind.ShouldBe(kind);
    }

    [Fact]
    public void The_id_of_a_pepper_is_no_kind()
    {
        foreach (var id in new[] { "", "0123abcd", "bcrypt-", "bcrypt-99999999999", "scrypt-4" }) ForeignHash.OfKind(id).ShouldBeNull();
    }

    private static string V3(uint prf, uint iterations, uint saltLength = 16, int keyLength = 32)
    {
        static IEnumerable<byte> Bytes(uint number) => Convert.FromHexString(number.ToString("x8", CultureInfo.InvariantCulture));
        return Convert.ToBase64String(
            [1, .. Bytes(prf), .. Bytes(iterations), .. Bytes(saltLength), .. new byte[Math.Min(16, saltLength)], .. new byte[keyLength]]);
    }
}
