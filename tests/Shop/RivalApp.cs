using Kontor.Foundation;
using Kontor.Testing;

namespace Kontor.Shop.Tests;

/// <summary>Lets a rival in between what a request has read and what it writes.</summary>
public sealed class RivalApp : ShopApp
{
    private readonly Rival _rival = new();

    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, _rival];

    /// <inheritdoc cref="Rival.BeforeWriteOf"/>
    public void BeforeWriteOf(string method, string path, Func<Task> rival) => _rival.BeforeWriteOf(method, path, rival);

    /// <inheritdoc cref="Rival.ShouldHaveMet"/>
    public void ShouldHaveMet() => _rival.ShouldHaveMet();
}
