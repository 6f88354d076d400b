namespace Kontor.Foundation.Seams;

/// <summary>A role that a module brings: `services.AddSingleton(new Role("seller", "Seller"))`. Admins give it to people.</summary>
/// <param name="Name">In kebab-case, at most 40 characters; stored, and among the `roles` of an access token.</param>
/// <param name="Text">English; the module's `Pages/de.json` translates it.</param>
public sealed record Role(string Name, string Text);
