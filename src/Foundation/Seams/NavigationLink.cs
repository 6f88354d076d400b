namespace Kontor.Foundation.Seams;

/// <summary>A link in every page's header, or in the admin panel's side bar.</summary>
/// <param name="Text">English; the module's `Pages/de.json` translates it.</param>
/// <param name="Order">Lower stands first.</param>
public sealed record NavigationLink(string Href, string Text, int Order, bool Admin = false);
