using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Pricing;

/// <summary>
/// The codes that make orders cheaper. A code's row is its lock: its last use is given to one of those who ask for it at once.
/// </summary>
internal sealed class Coupons(TimeProvider time)
{
    public static readonly Problem Unknown = new(404, "not-found", "There is no such code.");
    public static readonly Problem Taken = new(409, "coupon-taken", "There is such a code already.");

    public static ValueTask<Coupon?> Find(Tx tx, string code) => tx.First<Coupon>(
        $"SELECT {Coupon.Columns} FROM shop_coupons WHERE code = @code", new { code = Coupon.Normalize(code) });

    /// <summary>By code, from after a code.</summary>
    public static ValueTask<List<Coupon>> Page(Tx tx, string after, int limit) => tx.Query<Coupon>(
        $"SELECT {Coupon.Columns} FROM shop_coupons WHERE code > @after ORDER BY code LIMIT @limit", new { after, limit });

    /// <summary>A new code, or other terms for one that exists; its uses stay counted.</summary>
    public ValueTask<Coupon?> Save(Tx tx, Coupon coupon) => Insert(tx, coupon, """
        DO UPDATE
        SET amount_minor = excluded.amount_minor, percent = excluded.percent, minimum_minor = excluded.minimum_minor,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at, uses_max = excluded.uses_max,
            uses_per_customer = excluded.uses_per_customer, is_active = excluded.is_active
        """);

    /// <summary>Null when there is such a code.</summary>
    public ValueTask<Coupon?> Add(Tx tx, Coupon coupon) => Insert(tx, coupon, "DO NOTHING");

    /// <summary>Nobody can use it any more; orders that did keep what they paid.</summary>
    public static async Task<Problem?> End(Tx tx, string code)
    {
        var ended = await tx.Execute(
            "UPDATE shop_coupons SET is_active = @off WHERE code = @code", new { code = Coupon.Normalize(code), off = false });
        return ended == 0 ? Unknown : null;
    }

    /// <summary>
    /// Counts a use, which holds the code's row to the commit. Whoever has used it as often as one customer may is refused, and the use
    /// is undone with the rest of the transaction.
    /// </summary>
    /// <param name="customer">A person's id or a guest's address; only a hash of it is kept.</param>
    public async Task<Problem?> Take(Tx tx, Coupon coupon, string orderId, string customer)
    {
        var taken = await tx.Execute("""
            UPDATE shop_coupons SET used = used + 1
            WHERE code = @code AND is_active = @on AND (uses_max IS NULL OR used < uses_max)
            """, new { code = coupon.Code, on = true });
        if (taken == 0) return Coupon.UsedUp;
        var hash = HashOf(customer);
        if (coupon.UsesPerCustomer is { } most)
        {
            var before = await tx.First<long>(
                "SELECT COUNT(*) FROM shop_coupon_uses WHERE code = @code AND customer_hash = @hash", new { code = coupon.Code, hash });
            if (before >= most) return Coupon.UsedUp;
        }

        await tx.Execute("""
            INSERT INTO shop_coupon_uses (order_id, code, customer_hash, at)
            VALUES (@orderId, @code, @hash, @now)
            """, new { orderId, code = coupon.Code, hash, now = time.NowMs() });
        return null;
    }

    /// <summary>The order came to nothing, so its code may be used again. Doing it twice gives it back once.</summary>
    public static async ValueTask GiveBack(Tx tx, string orderId)
    {
        var code = await tx.First<string>("DELETE FROM shop_coupon_uses WHERE order_id = @orderId RETURNING code", new { orderId });
        if (code is not null) await tx.Execute("UPDATE shop_coupons SET used = used - 1 WHERE code = @code", new { code });
    }

    private ValueTask<Coupon?> Insert(Tx tx, Coupon coupon, string onConflict) => tx.First<Coupon>($"""
        INSERT INTO shop_coupons (
            code, amount_minor, percent, minimum_minor, starts_at, ends_at, uses_max, uses_per_customer, is_active, used, created_at)
        VALUES (@code, @amount, @percent, @minimum, @startsAt, @endsAt, @usesMax, @usesPerCustomer, @isActive, 0, @now)
        ON CONFLICT (code) {onConflict}
        RETURNING {Coupon.Columns}
        """, new
    {
        code = coupon.Code,
        amount = coupon.AmountMinor,
        percent = coupon.Percent,
        minimum = coupon.MinimumMinor,
        startsAt = coupon.StartsAt,
        endsAt = coupon.EndsAt,
        usesMax = coupon.UsesMax,
        usesPerCustomer = coupon.UsesPerCustomer,
        isActive = coupon.IsActive,
        now = time.NowMs(),
    });

    private static string HashOf(string customer) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(customer.ToLowerInvariant())));
}
