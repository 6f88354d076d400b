using System.Globalization;

namespace Kontor.Ui;

/// <summary>
/// Where values stand in a chart: across in per cent, so that the chart is as wide as its place while its letters keep their size;
/// down in units of the drawing.
/// </summary>
internal sealed class ChartScale
{
    public const int Height = 220;
    private const int Top = 22;
    private const int Bottom = 190;
    private const int LabelsMax = 6;

    /// <summary>On the left, for what the lines stand for.</summary>
    private const decimal Gutter = 0.1m;

    private readonly IReadOnlyList<ChartPoint> _points;

    public ChartScale(IReadOnlyList<ChartPoint> points)
    {
        _points = points;
        var highest = points.Count == 0 ? 0 : points.Max(point => point.Value);
        Step = StepOf(highest);
        Ceiling = Math.Max(1, decimal.Ceiling(highest / Step)) * Step;
    }

    public decimal Step { get; }

    /// <summary>The highest line, at or above every value.</summary>
    public decimal Ceiling { get; }

    /// <summary>From zero to the ceiling.</summary>
    public IEnumerable<decimal> Lines => Enumerable.Range(0, (int)(Ceiling / Step) + 1).Select(i => i * Step);

    public string Y(decimal value) => Number(Bottom - ((Bottom - Top) * Math.Max(0, value) / Ceiling));

    public string HeightOf(decimal value) => Number((Bottom - Top) * Math.Max(0, value) / Ceiling);

    /// <summary>The middle of a point's share of the width.</summary>
    public string Middle(int index) => Percent(Across(index + 0.5m));

    public string Left(int index, decimal margin) => Percent(Across(index + margin));

    public string Width(decimal margin) => Percent((1 - Gutter) * (1 - (2 * margin)) / _points.Count);

    /// <summary>Too many labels would lie on one another: every second, third ... is shown.</summary>
    public bool ShowsLabel(int index) => index % ((_points.Count + LabelsMax - 1) / LabelsMax) == 0;

    /// <summary>The line through all points, in a drawing of 100 by 100 that is stretched over the plot.</summary>
    public string Line() => string.Join(' ', _points.Select((point, i) =>
        $"{(i == 0 ? 'M' : 'L')}{Number(100 * (i + 0.5m) / _points.Count)} {Number(100 - (100 * Math.Max(0, point.Value) / Ceiling))}"));

    /// <summary>What lies between the line and the ground.</summary>
    public string Area() => _points.Count == 0
        ? ""
        : $"{Line()} L{Number(100 * (_points.Count - 0.5m) / _points.Count)} 100 L{Number(50m / _points.Count)} 100 Z";

    public static string PlotLeft => Percent(Gutter);

    public static string PlotWidth => Percent(1 - Gutter);

    public static int PlotTop => Top;

    public static int PlotHeight => Bottom - Top;

    /// <summary>1, 2 or 5 times a power of ten, for two to four lines.</summary>
    private static decimal StepOf(decimal highest)
    {
        var step = 1m;
        while (step * 10 <= highest) step *= 10;
        foreach (var factor in (ReadOnlySpan<decimal>)[0.5m, 1, 2, 5])
        {
            if (highest <= step * factor * 4 && step * factor >= 1) return step * factor;
        }

        return step * 5;
    }

    private decimal Across(decimal index) => Gutter + ((1 - Gutter) * index / _points.Count);

    private static string Percent(decimal share) => Number(share * 100) + "%";

    private static string Number(decimal value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
