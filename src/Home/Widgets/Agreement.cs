using System.ComponentModel.DataAnnotations;

namespace Kontor.Home.Widgets;

/// <summary>An admin decides about what another one wishes.</summary>
/// <param name="Mark">That of the proposal which they have read; when something else waits, nothing is done (409 `wish-changed`).</param>
public sealed record Agreement([property: MaxLength(64)] string? Mark = null);
