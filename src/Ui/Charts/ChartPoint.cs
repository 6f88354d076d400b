namespace Kontor.Ui;

/// <param name="Label">Under the chart, in the visitor's language: a day, a category.</param>
/// <param name="Value">Zero or more.</param>
public sealed record ChartPoint(string Label, decimal Value);
