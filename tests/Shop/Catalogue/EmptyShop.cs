using Kontor.Testing;

namespace Kontor.Shop.Tests.Catalogue;

/// <summary>A server that sells nothing yet.</summary>
public class EmptyShop : KontorApp
{
    protected override Settings Configure(Settings settings) => settings with { Demo = false };
}
