using FsCheck;
using FsCheck.Fluent;
using Kontor.Foundation;
using Kontor.Shop.Payments;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Model;

/// <summary>A server that has the tables, and whose data nobody writes to.</summary>
public class ModelShop : EmptyShop
{
    protected override IReadOnlyList<IModule> Modules => [new ShopModule()];
}

/// <summary>
/// Stories of a shop - carts, holds that run out, checkouts, payments that come late or twice, refunds, cancellations, deliveries, crashes
/// between any two steps - told to the real one and to a model. A story that fails is printed in its shortest form.
/// </summary>
[Trait("Speed", "slow")]
public class ShopModelTests(ModelShop app, ITestOutputHelper output) : IClassFixture<ModelShop>
{
    private const int AtOnce = 4;

    /// <summary>Each statement of each step is a way to another process and back on PostgreSQL.</summary>
    private static readonly int Stories = TestDatabase.IsPostgres ? 1_000 : 5_000;

    /// <summary>What must have happened, so that the property is not about nothing.</summary>
    private static readonly string[] Expected =
    [
        "card Pending", "card Paid", "card Shipped", "card Cancelled", "card Refunded", "card Expired", "invoice Paid", "invoice Refunded",
        "Add: insufficient-stock", "CheckOut: insufficient-stock", "GoToPay: insufficient-stock", "GoToPay: order-not-payable",
        "Cancel: order-transition", "Refund: refund-too-large", "Delta: insufficient-stock", "died", "died AfterFind", "died BeforeCapture",
        "died AfterCapture", "died BeforeCancel", "died AfterCancel", "died BeforeRefund", "died AfterRefund",
    ];

    [Fact]
    public async Task No_piece_is_sold_twice_and_no_money_goes_missing()
    {
        // Whoever needs it first writes it, and the others would wait for that.
        await app.Services.GetRequiredService<ProviderMarks>().Of(Bank.ProviderName, default);
        var begun = TimeProvider.System.GetTimestamp();

        var seen = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(TellMany)));

        output.WriteLine($"{Stories} stories in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s");
        if (!TestDatabase.IsPostgres) Expected.Except(seen.SelectMany(one => one)).ShouldBeEmpty("This never happened.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_conditional_write_without_its_condition_is_found_and_told_in_a_few_steps(bool isCheckedByTheTable)
    {
        const string Condition = "AND on_hand - reserved - waiting >= @more";
        var broken = 0;
        await using var shop = new ShopInSandbox(await Sandbox.Of(
            app,
            sql =>
            {
                if (sql.Contains(Condition, StringComparison.Ordinal)) broken++;
                return sql.Replace(Condition, "", StringComparison.Ordinal);
            },
            ignoresChecks: !isCheckedByTheTable));
        Story? shortest = null;
        string? found = null;

        Should.Throw<Exception>(() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Story.Any(), story =>
        {
            try
            {
                new Telling(shop).Tell(story).GetAwaiter().GetResult();
            }
            catch (Exception exception)
            {
                (shortest, found) = (story, exception.Message);
                throw;
            }
        })));

        output.WriteLine($"{shortest}: {found}");
        broken.ShouldBeGreaterThan(0);
        shortest!.Operations.Length.ShouldBeLessThanOrEqualTo(5);
        found!.ShouldContain(isCheckedByTheTable ? "check constraint" : "insufficient-stock", Case.Insensitive);
    }

    private async Task<IReadOnlySet<string>> TellMany()
    {
        await using var shop = new ShopInSandbox(await Sandbox.Of(app));
        var seen = new HashSet<string>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Stories / AtOnce), Prop.ForAll(Story.Any(), story =>
        {
            var telling = new Telling(shop);
            telling.Tell(story).GetAwaiter().GetResult();
            seen.UnionWith(telling.Seen);
        }));
        return seen;
    }
}

[Trait("Speed", "slow")]
public class RunningShopModelTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task The_running_server_keeps_to_the_model()
    {
        using var robin = await app.NewPerson();
        app.Clock.Hold();
        var shop = new RunningShop(app, robin.Id, robin.Email, robin.Password);

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40).WithStartSize(60), Prop.ForAll(Story.WithoutCards(restarts: 2), story =>
            new Telling(shop).Tell(story).GetAwaiter().GetResult()));
    }
}
