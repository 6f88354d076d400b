using Kontor.Foundation.Data;

namespace Kontor.Foundation.Seams;

/// <summary>Where somebody who has an account gets letters, for modules that know people by their ids alone.</summary>
public interface IAddressBook
{
    /// <summary>Null when there is no such person any more.</summary>
    ValueTask<Recipient?> Find(Tx tx, string userId);
}
