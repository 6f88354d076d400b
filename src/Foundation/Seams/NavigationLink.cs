namespace Kontor.Foundation.Seams;

/// <summary>A link in every page's header, in the admin panel's side bar, or on the page of a person's account.</summary>
/// <param name="Text">English; the module's `Pages/de.json` translates it.</param>
/// <param name="Order">Lower stands first.</param>
/// <param name="Icon">With one, it stands among the header's tools, beside the account.</param>
/// <param name="Account">It leads to what a person's own account has in this module.</param>
public sealed record NavigationLink(
    string Href, string Text, int Order, bool Admin = false, string? Icon = null, bool Account = false);

/// <summary>What the header's search field asks: a page that takes `?q=`. Without one there is no such field.</summary>
/// <param name="Placeholder">English; the module's `Pages/de.json` translates it.</param>
public sealed record SearchTarget(string Href, string Placeholder);
