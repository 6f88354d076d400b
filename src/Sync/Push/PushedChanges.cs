using System.Text.Json.Serialization;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Push;

/// <summary>A push, read and repaired.</summary>
/// <param name="LastPulledAt">As the body says, when it does.</param>
/// <param name="Tables">Parents before children, those with rows or deletions only.</param>
/// <param name="Rejected">Rows that are not taken, while everything else is.</param>
internal sealed record PushedChanges(long? LastPulledAt, IReadOnlyList<PushedTable> Tables, IReadOnlyList<RejectedRow> Rejected);

internal sealed record PushedTable(SyncedTable Table, IReadOnlyList<PushedRow> Rows, IReadOnlyList<string> Deleted);

/// <param name="IsCreated">The device believes that the row is new.</param>
/// <param name="Present">The columns that the device sent, one bit each.</param>
/// <param name="Own">Those of them that were changed on the device, as its `_changed` says.</param>
/// <param name="Values">By column: a string, a long, a bool or null.</param>
internal sealed record PushedRow(string Id, bool IsCreated, ulong Present, ulong Own, object?[] Values);

/// <param name="Column">The one that stands in the way.</param>
internal sealed record RejectedRow(SyncedTable Table, PushedRow Row, string Column, QuarantineReason Reason);

/// <summary>A row that a device changed without having seen what it was by then.</summary>
/// <param name="Outcome">
/// `merged`: the columns that were changed on the device are written, the others stay as they were on the server; `deleted`: one side
/// changed the row and the other deleted it, and it is deleted; absent in a push that was refused.
/// </param>
/// <param name="Written">Columns whose value on the server gave way to the device's; only where merged.</param>
/// <param name="Kept">Columns in which the device has another value than the server, which stays; only where merged.</param>
public sealed record RowConflict(
    string Table,
    string Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Outcome = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Written = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Kept = null);
