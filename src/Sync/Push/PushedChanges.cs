using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Push;

/// <summary>A push, read and repaired.</summary>
/// <param name="LastPulledAt">As the body says, when it does.</param>
/// <param name="Tables">Parents before children, those with rows or deletions only.</param>
/// <param name="Rejected">Rows that are not taken, while everything else is.</param>
internal sealed record PushedChanges(long? LastPulledAt, IReadOnlyList<PushedTable> Tables, IReadOnlyList<RejectedRow> Rejected);

/// <param name="Column">The one that stands in the way.</param>
internal sealed record RejectedRow(SyncedTable Table, PushedRow Row, string Column, QuarantineReason Reason);

internal sealed record PushedTable(SyncedTable Table, IReadOnlyList<PushedRow> Rows, IReadOnlyList<string> Deleted);

/// <param name="IsCreated">The device believes that the row is new.</param>
/// <param name="Present">The columns that the device sent, one bit each.</param>
/// <param name="Values">By column: a string, a long, a bool or null.</param>
internal sealed record PushedRow(string Id, bool IsCreated, ulong Present, object?[] Values);

/// <summary>A row by its table and id, as a refusal names it.</summary>
public sealed record RowName(string Table, string Id);
