using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

public class ForeignLettersTests(ForeignLettersTests.Shelf app) : IClassFixture<ForeignLettersTests.Shelf>
{
    public sealed class Shelf : EmptyShop, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await this.GivenProduct("Überzelt", description: "In jeder Größe.");
            await this.GivenProduct("Axt", description: "SÄGE UND BEIL, für Äste.");
            await this.GivenProduct("Obertuch");
        }
    }

    [Theory]
    [InlineData("Überzelt", "Überzelt")]
    [InlineData("überzelt", "Überzelt")]
    [InlineData("ÜBERZELT", "Überzelt")]
    [InlineData("über", "Überzelt")]
    [InlineData("GRÖßE", "Überzelt")]
    [InlineData("säge", "Axt")]
    [InlineData("äste", "Axt")]
    [InlineData("Säge ÄSTE", "Axt")]
    public async Task Capitals_make_no_difference_to_letters_that_English_lacks_either(string q, string name)
    {
        using var client = app.NewClient();

        (await client.Json($"/api/products?q={Uri.EscapeDataString(q)}")).Names().ShouldBe([name]);
    }
}
