using Kontor.Shop.Payments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Every cell of the table of our state and the provider's, as docs/payments.md shows it.</summary>
public class PaymentStepsTests
{
    private const string Table = """
        ours       Unknown  Open    Processing  Authorised  Captured  Cancelled
        New        Wait     Wait    Wait        Wait        Wait      Wait
        Open       Wait     Wait    Wait        Accept      Accept    Close
        Capturing  Wait     Wait    Wait        Capture     Book      Withdraw
        Captured   Done     Done    Done        Done        Done      Done
        Releasing  Wait     Cancel  Wait        Cancel      GiveBack  Close
        Closed     Done     Reopen  Reopen      Reopen      Reopen    Done
        """;

    public static TheoryData<string, string, string> Cells()
    {
        var cells = new TheoryData<string, string, string>();
        var rows = Table.Split('\n').Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        foreach (var row in rows.Skip(1))
        {
            for (var i = 1; i < row.Length; i++) cells.Add(row[0], rows[0][i], row[i]);
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_pair_of_states_has_its_next_step(string ours, string theirs, string step) =>
        Next(ours, theirs).ShouldBe(Enum.Parse<PaymentStep>(step));

    [Fact]
    public void The_table_has_every_state_of_both_sides()
    {
        Cells().Count.ShouldBe(Enum.GetValues<PaymentState>().Length * Enum.GetValues<ProviderStatus>().Length);
        Cells().Select(cell => (cell.Data.Item1, cell.Data.Item2)).Distinct().Count().ShouldBe(Cells().Count);
    }

    [Fact]
    public void Late_money_is_written_down_once_and_waited_for_until_it_is_back()
    {
        Next("Releasing", "Captured", isBooked: true, owesRefund: true).ShouldBe(PaymentStep.Wait);
        Next("Releasing", "Captured", isBooked: true).ShouldBe(PaymentStep.Close);
        Next("Closed", "Captured", isBooked: true).ShouldBe(PaymentStep.Done);
    }

    [Fact]
    public void The_docs_show_this_table()
    {
        var docs = File.ReadAllText(Path.Combine(Repository.Root, "docs", "payments.md"));
        foreach (var row in Table.Split('\n').Skip(1))
        {
            var cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            docs.ShouldContain($"| `{cells[0].ToLowerInvariant()}` | {string.Join(" | ", cells.Skip(1))} |");
        }
    }

    private static PaymentStep Next(string ours, string theirs, bool isBooked = false, bool owesRefund = false) =>
        PaymentSteps.Next(Enum.Parse<PaymentState>(ours), Enum.Parse<ProviderStatus>(theirs), isBooked, owesRefund);
}
