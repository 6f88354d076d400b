using System.Globalization;
using System.Text;
using Kontor.Home.Ranking;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

[Trait("Database", "none")]
[Trait("Speed", "slow")]
public class RegretTests
{
    private const int Width = 720;
    private const int Height = 360;
    private const int Left = 48;
    private const int Top = 24;
    private const int Bottom = 40;
    private const int Right = 190;

    private static readonly (string Name, string Colour, RankingOptions Options)[] Ways =
    [
        ("fixed priority", "#7a7f87", new() { AffinityPoints = 0, ClickPoints = 0, FatiguePoints = 0, Exploration = 0 }),
        ("affinity alone", "#b26a00", new() { ClickPoints = 0, FatiguePoints = 0, Exploration = 0 }),
        ("without exploration", "#8a3ffc", new() { Exploration = 0 }),
        ("without fatigue", "#0f7b6c", new() { FatiguePoints = 0 }),
        ("as it is", "#0b5fff", new()),
    ];

    private static string Picture => Path.Combine(Repository.Root, "docs", "images", "ranking.svg");

    [Fact]
    public void What_is_learned_misses_fewer_clicks_and_every_part_of_the_score_helps()
    {
        var audience = new Audience("audience");
        var regrets = Ways.Select(way => audience.Regret(way.Options)).ToList();

        var asItIs = regrets[^1];
        foreach (var (way, regret) in Ways.Zip(regrets).SkipLast(1)) asItIs[^1].ShouldBeLessThan(regret[^1], way.Name);
        (asItIs[^1] / regrets[1][^1]).ShouldBeLessThan(0.6, "against affinity alone");
        var picture = Draw(regrets);
        if (Environment.GetEnvironmentVariable("KONTOR_UPDATE_SNAPSHOTS") == "1") File.WriteAllText(Picture, picture);
        File.ReadAllText(Picture).ShouldBe(picture, "KONTOR_UPDATE_SNAPSHOTS=1 draws it again");
    }

    [Fact]
    public void The_same_seed_gives_the_same_curve() =>
        new Audience("again").Regret(new()).ShouldBe(new Audience("again").Regret(new()));

    private static string Draw(IReadOnlyList<double[]> regrets)
    {
        var most = Math.Ceiling(regrets.Max(regret => regret[^1]));
        double X(int day) => Left + ((double)(Width - Left - Right) * day / Audience.Days);
        double Y(double clicks) => Height - Bottom - ((Height - Top - Bottom) * clicks / most);
        var svg = new StringBuilder();
        void Add(FormattableString line) => svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add($"<title>Clicks missed per person, against whoever knows every rate</title>");
        Add($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#ffffff\"/>");
        for (var i = 0; i <= 4; i++)
        {
            var clicks = most * i / 4;
            Add($"<path d=\"M{Left} {Y(clicks):0.0}H{Width - Right}\" stroke=\"#e3e5e8\"/>");
            Add($"<text x=\"{Left - 8}\" y=\"{Y(clicks) + 4:0.0}\" text-anchor=\"end\" fill=\"#4a4f57\">{clicks:0.#}</text>");
        }

        for (var day = 0; day <= Audience.Days; day += 15)
            Add($"<text x=\"{X(day):0.0}\" y=\"{Height - Bottom + 20}\" text-anchor=\"middle\" fill=\"#4a4f57\">{day}</text>");
        Add($"<text x=\"{X(Audience.Days / 2):0.0}\" y=\"{Height - 4}\" text-anchor=\"middle\" fill=\"#4a4f57\">days</text>");
        Add($"<text x=\"{Left}\" y=\"14\" fill=\"#4a4f57\">clicks missed per person</text>");
        var label = double.NegativeInfinity;
        foreach (var ((name, colour, _), regret) in Ways.Zip(regrets).OrderByDescending(one => one.Second[^1]))
        {
            var points = string.Join(' ', regret.Select((clicks, day) =>
                string.Create(CultureInfo.InvariantCulture, $"{X(day + 1):0.0},{Y(clicks):0.0}")));
            label = Math.Max(Y(regret[^1]), label + 16);
            Add($"<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
            Add($"<text x=\"{Width - Right + 8}\" y=\"{label + 4:0.0}\" fill=\"{colour}\">{name}, {regret[^1]:0.0}</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
