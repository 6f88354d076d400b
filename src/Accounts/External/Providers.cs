using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.External;

/// <param name="Name">In addresses.</param>
/// <param name="Text">What people call it.</param>
public sealed record ProviderLink(string Name, string Text);

/// <summary>The sites that people can sign in with; often none.</summary>
internal sealed class Providers : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // So that a site which moves to another address is found there.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        MaxResponseContentBufferSize = ProviderSite.AnswerBytesMax,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly FrozenDictionary<string, Provider> _providers;

    public Providers(IOptions<ExternalOptions> options, TimeProvider time, ILogger<ProviderSite> logger) =>
        _providers = options.Value.Providers.ToFrozenDictionary(
            one => one.Key, one => new Provider(one.Key, one.Value, new(one.Key, one.Value, _http, time, logger)), StringComparer.Ordinal);

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<Provider> All => [.. _providers.Values.OrderBy(provider => provider.Name, StringComparer.Ordinal)];

    /// <summary>The same for pages.</summary>
    public IReadOnlyList<ProviderLink> Links => [.. All.Select(provider => new ProviderLink(provider.Name, provider.Text))];

    /// <summary>For SQL: an identity at a site that is not configured any more lets nobody in.</summary>
    public string[] Names => [.. _providers.Keys];

    public Provider? Find(string name) => _providers.GetValueOrDefault(name);

    public void Dispose() => _http.Dispose();
}
