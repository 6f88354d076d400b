using System.Data.Common;
using System.Globalization;
using Kontor.Foundation.Seams;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Digest;

/// <summary>
/// A hash of rows in any order, of 64 bits, that a phone computes in a few lines of JavaScript: `docs/sync.md` has them. It finds what
/// went wrong, and is no protection against somebody who looks for two tables with the same hash.
/// </summary>
internal struct RowsHash
{
    private const char Separator = '\u001f';

    /// <summary>No stored text has it.</summary>
    private const char Null = '\0';

    private uint _all1;
    private uint _all2;
    private uint _row1;
    private uint _row2;

    public long Count { get; private set; }

    /// <param name="table">Whose row it is.</param>
    /// <param name="row">As the table's SELECTs give it.</param>
    /// <param name="columns">Their places in the table's shape, in the order in which the phone has them.</param>
    public void Add(SyncedTable table, DbDataReader row, ReadOnlySpan<int> columns)
    {
        (_row1, _row2) = (0x811c9dc5, 0x1b873593);
        Add(row.GetString(0));
        foreach (var column in columns)
        {
            Add(Separator);
            if (row.IsDBNull(column + 2)) Add(Null);
            else if (table.Shape.Columns[column].Type == SyncType.Text) Add(row.GetString(column + 2));
            else if (table.Shape.Columns[column].Type == SyncType.Flag) Add(row.GetBoolean(column + 2) ? '1' : '0');
            else Add(row.GetInt64(column + 2));
        }

        _all1 ^= Mix(_row1);
        _all2 ^= Mix(_row2);
        Count++;
    }

    public override readonly string ToString() => $"{_all1:x8}{_all2:x8}";

    private void Add(long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        Add(digits[..length]);
    }

    private void Add(ReadOnlySpan<char> text)
    {
        foreach (var character in text) Add(character);
    }

    private void Add(char character)
    {
        _row1 = (_row1 ^ character) * 0x01000193;
        _row2 = (_row2 ^ character) * 0x85ebca6b;
    }

    /// <summary>Rows are put together bit by bit, so each bit must depend on the whole row.</summary>
    private static uint Mix(uint hash)
    {
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
