namespace Kontor.Foundation;

/// <summary>Ids are UUIDs of version 7 as text: opaque outside, ordered by time inside, so that indexes grow at their end.</summary>
public static class Ids
{
    public static string New() => Guid.CreateVersion7().ToString();

    public static string New(TimeProvider time) => Guid.CreateVersion7(time.GetUtcNow()).ToString();
}
