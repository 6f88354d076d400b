using Kontor.Home.Sources;

namespace Kontor.Home.Feed;

/// <summary>As which type a widget is shown to a client, and why not as an earlier one of its chain.</summary>
/// <param name="Type">Null when the client can show none of them, or the content fits none that it can.</param>
public sealed record ExplainedRendering(string? Type, IReadOnlyList<ExplainedRendering.Step> Chain)
{
    /// <param name="IsRendered">The client says that it can show this type.</param>
    /// <param name="Unfit">Why the content is none of this type; null when it is.</param>
    public sealed record Step(string Type, bool IsRendered, string? Unfit);

    internal static ExplainedRendering Of(FeedModel model, FeedWidget one, Projection projection, Snapshot? shown) => new(
        model.FormOf(one, projection)?.Name.ToString(),
        [.. model.Forms.Of(one.Widget.Type).Select(form =>
            new Step(form.Name.ToString(), projection.Renders(form.Name), shown is null ? null : form.WhyNot(shown)))]);
}
