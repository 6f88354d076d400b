using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.External;

/// <summary>The sites that people can sign in with, by the name that their addresses here have. Configured under
/// `Accounts:External`, in the environment as `Accounts__External__google__ClientId`.</summary>
internal sealed class ExternalOptions
{
    public IDictionary<string, ProviderOptions> Providers { get; } = new SortedDictionary<string, ProviderOptions>(StringComparer.Ordinal);
}

/// <summary>One site: an OAuth 2 server (RFC 6749) that says who somebody is, as OpenID Connect's userinfo does or nearly so.</summary>
internal sealed class ProviderOptions
{
    /// <summary>What people call it; the name with a capital by default.</summary>
    public string Text { get; set; } = "";

    /// <summary>The address of its OpenID Connect document, from which the addresses below and the issuer are read.</summary>
    public Uri? Discovery { get; set; }

    public Uri? AuthorizeUrl { get; set; }

    public Uri? TokenUrl { get; set; }

    public Uri? UserInfoUrl { get; set; }

    /// <summary>What it calls itself in `iss`. An answer that names another is refused (RFC 9207).</summary>
    public string? Issuer { get; set; }

    [Required]
    public string ClientId { get; set; } = "";

    /// <summary>May be empty; PKCE protects the code without it too.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>Sends the secret as HTTP Basic instead of in the form.</summary>
    public bool SecretInHeader { get; set; }

    /// <summary>With spaces between.</summary>
    public string Scopes { get; set; } = "openid email profile";

    /// <summary>Where its userinfo has the name by which it knows a person for ever.</summary>
    public string SubjectField { get; set; } = "sub";

    public string EmailField { get; set; } = "email";

    public string EmailVerifiedField { get; set; } = "email_verified";

    public string NameField { get; set; } = "name";

    /// <summary>It lets nobody in whose address it has not verified, and so does not say.</summary>
    public bool AddressesAreVerified { get; set; }

    /// <summary>
    /// Links an account by itself when both sides have verified the same address. Whoever runs the other site, or whoever it gives an
    /// address to that was another's, then gets into accounts here; so it is off unless the site is trusted that much.
    /// </summary>
    public bool LinksVerified { get; set; }

    /// <summary>Whoever has no account here gets one.</summary>
    public bool OpensAccounts { get; set; } = true;

    /// <summary>How long each of its answers may take.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; set; } = 10;

    public IReadOnlyList<string> ScopeList => Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>It speaks OpenID Connect, and not OAuth alone.</summary>
    public bool IsOpenId => ScopeList.Contains("openid");
}

/// <summary>Says at the start what cannot work.</summary>
internal sealed class ExternalOptionsRules : IValidateOptions<ExternalOptions>
{
    private const int NameLengthMax = 40;

    public ValidateOptionsResult Validate(string? name, ExternalOptions options)
    {
        var wrong = options.Providers.SelectMany(provider => WrongWith(provider.Key, provider.Value)).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> WrongWith(string name, ProviderOptions provider)
    {
        var where = $"Accounts:External:{name}";
        if (name.Length > NameLengthMax || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-'))
            yield return $"{where}: a name has at most {NameLengthMax} lower case letters, digits and hyphens.";
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(provider, new(provider), results, validateAllProperties: true);
        foreach (var result in results) yield return $"{where}: {result.ErrorMessage}";
        if (provider.Discovery is null && (provider.AuthorizeUrl is null || provider.TokenUrl is null || provider.UserInfoUrl is null))
            yield return $"{where} needs Discovery, or AuthorizeUrl, TokenUrl and UserInfoUrl.";
        foreach (var url in new[] { provider.Discovery, provider.AuthorizeUrl, provider.TokenUrl, provider.UserInfoUrl })
        {
            if (url is not null && !IsSafe(url)) yield return $"{where}: {url.OriginalString} is no https address.";
        }
    }

    /// <summary>Codes and secrets go there, so only this machine itself may be asked without TLS.</summary>
    public static bool IsSafe(Uri url) => url is { IsAbsoluteUri: true, UserInfo: "" }
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));
}
